use proptest::prelude::*;

use super::*;

impl Item for u32 {
    type Mark = u32;

    fn mark(&self) -> u32 {
        self % 7
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push,
    Insert(usize),
    Change(usize),
    Remove(usize),
    RemoveFirst,
    Publish,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Push),
        2 => any::<usize>().prop_map(Step::Insert),
        2 => any::<usize>().prop_map(Step::Change),
        1 => any::<usize>().prop_map(Step::Remove),
        1 => Just(Step::RemoveFirst),
        1 => Just(Step::Publish),
    ]
}

fn place_of(sequence: &Sequence<u32>, index: usize) -> Place {
    let mut place = Place(0, 0);
    for _ in 0..index {
        place = sequence.after(place);
    }
    place
}

fn check(published: &Published<u32>, expected: &[u32]) {
    assert!(published.iter().map(|item| **item).eq(expected.iter().copied()));
    assert!(published.iter().rev().map(|item| **item).eq(expected.iter().rev().copied()));
    assert_eq!(published.iter().len(), expected.len());
    assert_eq!(published.len(), expected.len());
    for index in [0, expected.len() / 2, expected.len(), expected.len() + 1] {
        assert_eq!(published.get(index).map(|item| **item), expected.get(index).copied());
        assert_eq!(published.iter().nth(index).map(|item| **item), expected.get(index).copied());
        let mut skipped = published.iter();
        skipped.nth_back(index);
        assert_eq!(skipped.len(), skipped.count());
    }
    let len = expected.len();
    for within in [0..len, 0..len + 9, len / 3..len / 2, len / 2..len, len..len + 1] {
        let there = expected.get(within.start..within.end.min(len)).unwrap_or_default();
        let marked = there.iter().copied().filter(|item| item % 7 == 3);
        assert!(published.marked(3, within).map(|item| **item).eq(marked));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn it_is_a_list_and_what_was_published_stays_as_it_was(
        filled in 0_u32..1_500,
        steps in prop::collection::vec(any_step(), 0..100),
    ) {
        let (mut sequence, mut list) = (Sequence::new(), Vec::new());
        let mut kept: Vec<(Published<u32>, Vec<u32>)> = Vec::new();
        for item in 0..filled {
            sequence.push(Arc::new(item));
            list.push(item);
        }
        for (item, step) in (filled..).zip(steps) {
            match step {
                Step::Push => {
                    sequence.push(Arc::new(item));
                    list.push(item);
                }
                Step::Insert(at) => {
                    let at = at % (list.len() + 1);
                    sequence.insert(place_of(&sequence, at), Arc::new(item));
                    list.insert(at, item);
                }
                Step::Change(at) if !list.is_empty() => {
                    let at = at % list.len();
                    sequence.change(place_of(&sequence, at), |found| *found = item);
                    list[at] = item;
                }
                Step::Remove(at) if !list.is_empty() => {
                    let at = at % list.len();
                    let removed = sequence.remove(place_of(&sequence, at));
                    prop_assert_eq!(removed, Some(Arc::new(list.remove(at))));
                }
                Step::RemoveFirst if !list.is_empty() => {
                    prop_assert_eq!(sequence.remove_first(), Some(Arc::new(list.remove(0))));
                }
                Step::Publish => kept.push((sequence.publish(), list.clone())),
                Step::Change(_) | Step::Remove(_) | Step::RemoveFirst => {
                    prop_assert_eq!(sequence.remove_first(), None);
                }
            }
        }
        kept.push((sequence.publish(), list));
        for (published, list) in kept {
            check(&published, &list);
        }
    }
}

#[test]
fn a_thousand_sparse_chunks_become_few() {
    let mut sequence = Sequence::new();
    for item in 0..100 * CHUNK as u32 {
        sequence.push(Arc::new(item));
    }
    for item in 0..100 * CHUNK as u32 {
        if !(item as usize).is_multiple_of(CHUNK) {
            let place = sequence.place(|found| *found < item);
            assert_eq!(sequence.remove(place).as_deref(), Some(&item));
        }
    }
    assert_eq!((sequence.len(), sequence.chunks.len()), (100, 1));
}
