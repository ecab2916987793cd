import Simulator
import Testing
@Suite struct SeedTests {}
