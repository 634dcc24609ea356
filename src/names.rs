//! Ids for apps that were given none.

use std::hash::{BuildHasher, RandomState};

const FIRST: &[&str] = &[
    "amber", "basil", "birch", "bramble", "cedar", "clover", "copper", "coral", "cotton", "dusky", "ember", "fern",
    "flint", "frost", "ginger", "hazel", "indigo", "ivory", "juniper", "linden", "maple", "marble", "misty", "mossy",
    "nutmeg", "olive", "opal", "pebble", "pepper", "poppy", "quartz", "russet", "saffron", "sandy", "silver", "sorrel",
    "thistle", "umber", "velvet", "willow",
];
const SECOND: &[&str] = &[
    "badger", "beaver", "bison", "bunting", "condor", "cricket", "curlew", "dingo", "dolphin", "falcon", "ferret",
    "finch", "gecko", "gibbon", "heron", "hornet", "ibis", "jackal", "kestrel", "koala", "lemur", "lynx", "magpie",
    "marmot", "newt", "ocelot", "osprey", "otter", "panda", "pelican", "plover", "puffin", "raven", "robin", "salmon",
    "sparrow", "stoat", "tapir", "walrus", "wombat",
];

/// Two words with a hyphen, by chance.
pub(crate) fn generate() -> String {
    let chance = RandomState::new().hash_one(std::process::id());
    let word = |words: &[&'static str], number: u64| words[(number % words.len() as u64) as usize];
    format!("{}-{}", word(FIRST, chance >> 32), word(SECOND, chance & 0xffff_ffff))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_generated_id_is_two_lower_case_words_and_seldom_the_same() {
        let ids: BTreeSet<String> = (0..100).map(|_| generate()).collect();
        assert!(ids.len() > 50, "{ids:?}");
        for id in ids {
            let (first, second) = id.split_once('-').unwrap();
            assert!([first, second].iter().all(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase())));
        }
    }
}
