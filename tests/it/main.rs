//! End-to-end tests of the binary.

#[cfg(test)]
mod quickstart;
#[cfg(test)]
mod support;
#[cfg(test)]
mod zipkin;
