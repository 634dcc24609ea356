//! The addresses that were found, for as long as they are believed.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an address is believed that was not told again.
const BELIEVED: Duration = Duration::from_mins(1);
/// The most addresses of one app: whoever shouts on the network shall not fill the memory.
const MOST: usize = 64;

/// The addresses of apps, which take turns.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<HashMap<String, Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Each with the end of its time.
    addresses: Vec<(SocketAddr, Instant)>,
    turn: usize,
}

impl Addresses {
    /// The next address of an app; those of IPv4 go first.
    pub(super) fn next(&self, app_id: &str) -> Option<SocketAddr> {
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = apps.get_mut(app_id)?;
        let now = Instant::now();
        known.addresses.retain(|(_, end)| now < *end);
        let any_v4 = known.addresses.iter().any(|(address, _)| address.is_ipv4());
        let of_family = known.addresses.iter().filter(|(address, _)| address.is_ipv4() == any_v4);
        let count = of_family.clone().count();
        let next = of_family.map(|(address, _)| *address).nth(known.turn.checked_rem(count)?);
        known.turn = known.turn.wrapping_add(1);
        next
    }

    /// Believes an address, for the first time or again.
    pub(super) fn add(&self, app_id: &str, address: SocketAddr) {
        let end = Instant::now() + BELIEVED;
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = apps.entry(app_id.to_owned()).or_default();
        if let Some((_, until)) = known.addresses.iter_mut().find(|(other, _)| *other == address) {
            *until = end;
        } else if known.addresses.len() < MOST {
            known.addresses.push((address, end));
        }
    }

    /// Believes an address no more.
    pub(super) fn remove(&self, app_id: &str, address: SocketAddr) {
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = apps.get_mut(app_id) {
            known.addresses.retain(|(other, _)| *other != address);
        }
    }

    /// Whether an app was found once and has not been forgotten since.
    pub(super) fn knows(&self, app_id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(app_id)
    }

    /// The apps to ask for again. Those of which no address is left are forgotten.
    pub(super) fn apps(&self) -> Vec<String> {
        let now = Instant::now();
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        apps.retain(|_, known| {
            known.addresses.retain(|(_, end)| now < *end);
            !known.addresses.is_empty()
        });
        apps.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_take_turns_and_those_of_ipv4_go_first() {
        let known = Addresses::default();
        assert_eq!(known.next("orders"), None);
        known.add("orders", address("[2001:db8::1]:1"));
        assert_eq!(known.next("orders"), Some(address("[2001:db8::1]:1")));
        for text in ["192.0.2.1:1", "192.0.2.2:1", "192.0.2.1:1"] {
            known.add("orders", address(text));
        }
        let mut turns: Vec<_> = (0..4).filter_map(|_| known.next("orders")).collect();
        assert!(turns.windows(2).all(|pair| pair[0] != pair[1]), "{turns:?}");
        turns.sort();
        turns.dedup();
        assert_eq!(turns, [address("192.0.2.1:1"), address("192.0.2.2:1")]);
    }

    #[test]
    fn an_app_without_addresses_is_forgotten() {
        let known = Addresses::default();
        known.add("orders", address("192.0.2.1:1"));
        assert_eq!(known.apps(), ["orders"]);
        known.remove("orders", address("192.0.2.1:1"));
        assert!(known.knows("orders"));
        assert_eq!((known.next("orders"), known.apps()), (None, Vec::<String>::new()));
        assert!(!known.knows("orders"));
    }

    #[test]
    fn no_more_than_some_addresses_are_kept() {
        let known = Addresses::default();
        for port in 1..1000 {
            known.add("orders", SocketAddr::from(([192, 0, 2, 1], port)));
        }
        assert_eq!(known.0.lock().unwrap()["orders"].addresses.len(), MOST);
    }
}
