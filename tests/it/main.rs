//! End-to-end tests of the binary.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod control;
#[cfg(test)]
mod dashboard;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod port;
#[cfg(test)]
mod process;
#[cfg(test)]
mod quickstart;
#[cfg(test)]
mod run;
#[cfg(test)]
mod sidecar;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod zipkin;
