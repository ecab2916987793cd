/// The version of Steward that both programs print.
package let stewardVersion = "0.1.0"
