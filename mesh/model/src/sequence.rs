//! A list in chunks: the writer changes it in place, readers hold what it was when they asked.
//!
//! A change copies no more than the one chunk that it touches, and that only once between two publications.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The most items of a chunk. Small enough to be copied in microseconds, large enough that 100,000 items are 200 chunks.
const CHUNK: usize = 512;

/// What a [`Sequence`] holds.
pub(crate) trait Item {
    /// What can be asked of an item without fetching it from memory.
    type Mark: Copy + PartialEq + fmt::Debug;

    fn mark(&self) -> Self::Mark;
}

#[derive(Debug)]
struct Chunk<T: Item> {
    items: Vec<Arc<T>>,
    marks: Vec<T::Mark>,
}

impl<T: Item> Chunk<T> {
    fn new() -> Self {
        Self { items: Vec::with_capacity(CHUNK), marks: Vec::with_capacity(CHUNK) }
    }

    fn take(&mut self, from: usize, other: &mut Self) {
        self.items.extend(other.items.drain(from..));
        self.marks.extend(other.marks.drain(from..));
    }
}

impl<T: Item> Clone for Chunk<T> {
    /// A copy with room to grow, as it is made in order to be changed.
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.items.extend(self.items.iter().cloned());
        copy.marks.extend_from_slice(&self.marks);
        copy
    }
}

/// The writer's end.
#[derive(Debug)]
pub(crate) struct Sequence<T: Item> {
    /// None of them is empty.
    chunks: Vec<Arc<Chunk<T>>>,
    len: usize,
    /// What was published last, unless something has changed since.
    published: Option<Published<T>>,
}

/// Where an item is: its chunk, and its place there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place(usize, usize);

impl<T: Item> Sequence<T> {
    pub(crate) fn new() -> Self {
        Self { chunks: Vec::new(), len: 0, published: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn last(&self) -> Option<&Arc<T>> {
        self.chunks.last()?.items.last()
    }

    pub(crate) fn get(&self, place: Place) -> Option<&Arc<T>> {
        self.chunks.get(place.0)?.items.get(place.1)
    }

    /// From the newest to the oldest.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Arc<T>> {
        self.chunks.iter().rev().flat_map(|chunk| chunk.items.iter().rev())
    }

    /// The place of the first item for which `before` does not hold, in a sequence that is sorted by it.
    pub(crate) fn place(&self, before: impl Fn(&T) -> bool) -> Place {
        let starts_before = |chunk: &Arc<Chunk<T>>| chunk.items.first().is_some_and(|item| before(item));
        let chunk = self.chunks.partition_point(starts_before).saturating_sub(1);
        let within = self.chunks.get(chunk).map_or(0, |chunk| chunk.items.partition_point(|item| before(item)));
        self.settle(Place(chunk, within))
    }

    /// The place after this one.
    pub(crate) fn after(&self, place: Place) -> Place {
        self.settle(Place(place.0, place.1 + 1))
    }

    /// The end of one chunk is the start of the next.
    fn settle(&self, place: Place) -> Place {
        let is_end = self.chunks.get(place.0).is_some_and(|chunk| place.1 >= chunk.items.len());
        if is_end { Place(place.0 + 1, 0) } else { place }
    }

    pub(crate) fn push(&mut self, item: Arc<T>) {
        if self.chunks.last().is_none_or(|chunk| chunk.items.len() == CHUNK) {
            self.chunks.push(Arc::new(Chunk::new()));
        }
        self.published = None;
        if let Some(chunk) = self.chunks.last_mut() {
            let chunk = Arc::make_mut(chunk);
            chunk.marks.push(item.mark());
            chunk.items.push(item);
            self.len += 1;
        }
    }

    /// Puts an item before the one at `place`.
    pub(crate) fn insert(&mut self, place: Place, item: Arc<T>) {
        let Some(chunk) = self.chunks.get_mut(place.0) else { return self.push(item) };
        self.published = None;
        let chunk = Arc::make_mut(chunk);
        chunk.marks.insert(place.1, item.mark());
        chunk.items.insert(place.1, item);
        self.len += 1;
        if chunk.items.len() > CHUNK {
            let mut second = Chunk::new();
            second.take(CHUNK / 2, chunk);
            self.chunks.insert(place.0 + 1, Arc::new(second));
        }
    }

    /// Changes an item in place, or a copy of it where a reader holds it.
    pub(crate) fn change<R>(&mut self, place: Place, change: impl FnOnce(&mut T) -> R) -> Option<R>
    where
        T: Clone,
    {
        let chunk = self.chunks.get_mut(place.0).filter(|chunk| place.1 < chunk.items.len())?;
        self.published = None;
        let chunk = Arc::make_mut(chunk);
        let item = Arc::make_mut(chunk.items.get_mut(place.1)?);
        let result = change(item);
        *chunk.marks.get_mut(place.1)? = item.mark();
        Some(result)
    }

    pub(crate) fn remove(&mut self, place: Place) -> Option<Arc<T>> {
        let chunk = self.chunks.get_mut(place.0).filter(|chunk| place.1 < chunk.items.len())?;
        self.published = None;
        let chunk = Arc::make_mut(chunk);
        chunk.marks.remove(place.1);
        let removed = chunk.items.remove(place.1);
        self.len -= 1;
        let left = chunk.items.len();
        if left == 0 {
            self.chunks.remove(place.0);
        } else if let Some(previous) = place.0.checked_sub(1)
            && self.chunks[previous].items.len() + left <= CHUNK / 2
        {
            let mut small = self.chunks.remove(place.0);
            Arc::make_mut(&mut self.chunks[previous]).take(0, Arc::make_mut(&mut small));
        }
        Some(removed)
    }

    pub(crate) fn remove_first(&mut self) -> Option<Arc<T>> {
        self.remove(Place(0, 0))
    }

    /// The sequence as it is now.
    pub(crate) fn publish(&mut self) -> Published<T> {
        if let Some(published) = &self.published {
            return published.clone();
        }
        let mut start = 0;
        let chunks = self.chunks.iter().map(|chunk| {
            let part = Part { start, chunk: Arc::clone(chunk) };
            start += chunk.items.len();
            part
        });
        let published = Published { parts: chunks.collect(), len: self.len };
        self.published = Some(published.clone());
        published
    }
}

struct Part<T: Item> {
    /// The position of the chunk's first item.
    start: usize,
    chunk: Arc<Chunk<T>>,
}

/// A reader's end: a sequence as it was.
pub(crate) struct Published<T: Item> {
    parts: Arc<[Part<T>]>,
    len: usize,
}

impl<T: Item> Published<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Arc<T>> {
        let part = self.parts.partition_point(|part| part.start <= index).checked_sub(1)?;
        let part = &self.parts[part];
        part.chunk.items.get(index - part.start)
    }

    /// The position of the first item for which `before` does not hold, in a sequence that is sorted by it.
    pub(crate) fn position(&self, before: impl Fn(&T) -> bool) -> usize {
        let starts_before = |part: &Part<T>| part.chunk.items.first().is_some_and(|item| before(item));
        let Some(part) = self.parts.partition_point(starts_before).checked_sub(1) else { return 0 };
        let part = &self.parts[part];
        part.start + part.chunk.items.partition_point(|item| before(item))
    }

    /// The items before a position, the last one first.
    pub(crate) fn before(&self, position: usize) -> impl Iterator<Item = &Arc<T>> {
        let parts = self.parts.partition_point(|part| part.start < position);
        self.parts[..parts].iter().rev().flat_map(move |part| {
            let within = part.chunk.items.len().min(position - part.start);
            part.chunk.items[..within].iter().rev()
        })
    }

    /// The items of a mark at some positions, found without fetching the others from memory.
    pub(crate) fn marked(&self, mark: T::Mark, within: Range<usize>) -> impl Iterator<Item = &Arc<T>> {
        let first = self.parts.partition_point(|part| part.start + part.chunk.items.len() <= within.start);
        let parts = self.parts[first..].iter().take_while(move |part| part.start < within.end);
        parts.flat_map(move |part| {
            let from = within.start.saturating_sub(part.start);
            let to = part.chunk.items.len().min(within.end - part.start);
            let marks = &part.chunk.marks[from.min(to)..to];
            // Most chunks have none, which is found out many marks at a time.
            let marks = if marks.contains(&mark) { marks } else { &[] };
            let marked = marks.iter().zip(&part.chunk.items[from.min(to)..]).filter(move |(found, _)| **found == mark);
            marked.map(|(_, item)| item)
        })
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<T>> + ExactSizeIterator {
        Items { items: self.parts.iter().flat_map(|part| part.chunk.items.iter()), left: self.len }
    }
}

impl<T: Item> Clone for Published<T> {
    fn clone(&self) -> Self {
        Self { parts: Arc::clone(&self.parts), len: self.len }
    }
}

impl<T: Item> Default for Published<T> {
    fn default() -> Self {
        Self { parts: Arc::from([]), len: 0 }
    }
}

impl<T: Item + fmt::Debug> fmt::Debug for Published<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Item> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.start, self.chunk.items.len())
    }
}

/// Chunks' items in a row, with their number known.
struct Items<I> {
    items: I,
    left: usize,
}

impl<I: Iterator> Iterator for Items<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let next = self.items.next()?;
        self.left -= 1;
        Some(next)
    }

    fn nth(&mut self, skipped: usize) -> Option<I::Item> {
        self.left = self.left.saturating_sub(skipped.saturating_add(1));
        self.items.nth(skipped)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for Items<I> {
    fn next_back(&mut self) -> Option<I::Item> {
        let next = self.items.next_back()?;
        self.left -= 1;
        Some(next)
    }

    fn nth_back(&mut self, skipped: usize) -> Option<I::Item> {
        self.left = self.left.saturating_sub(skipped.saturating_add(1));
        self.items.nth_back(skipped)
    }
}

impl<I: Iterator> ExactSizeIterator for Items<I> {}

#[cfg(test)]
mod tests;
