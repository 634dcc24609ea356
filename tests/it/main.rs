//! End-to-end tests of the binary.

#[cfg(test)]
mod quickstart;
