//! Which waiting request is offered the next free slot: the requests of the batch, which the index may not show yet,
//! and the first ones of the index, the oldest first.

use std::collections::BTreeSet;

use accounts_aws::Candidate;

/// How many entries of the index are read at once, beyond the number of free slots.
const PAGE_MARGIN: usize = 10;

/// How many pages of the index one dispatch reads at most: stale entries are skipped within them.
const MOST_PAGES: usize = 4;

/// The requests that one dispatch offers slots to.
#[derive(Debug)]
pub struct Candidates {
    requests: BTreeSet<Candidate>,
    pages: usize,
    index: Index,
}

/// How far the index was read.
#[derive(Debug)]
enum Index {
    Unread,
    ReadTo(Candidate),
    ReadToEnd,
}

impl Candidates {
    /// The requests of a batch; the index was not read yet.
    pub fn of_batch(inserted: &[Candidate]) -> Self {
        Self { requests: inserted.iter().cloned().collect(), pages: 0, index: Index::Unread }
    }

    /// How many entries the next page of the index has at most; none where no other page is read.
    pub fn next_page(&self, free_slots: usize) -> Option<usize> {
        let unread = !matches!(self.index, Index::ReadToEnd);
        (free_slots > 0 && unread && self.pages < MOST_PAGES).then_some(free_slots + PAGE_MARGIN)
    }

    /// After which entry the next page starts.
    pub const fn read_to(&self) -> Option<&Candidate> {
        match &self.index {
            Index::ReadTo(last) => Some(last),
            Index::Unread | Index::ReadToEnd => None,
        }
    }

    /// Adds a page that was asked for with this limit.
    pub fn add_page(&mut self, page: Vec<Candidate>, limit: usize) {
        self.pages += 1;
        self.index = match page.last() {
            Some(last) if page.len() >= limit => Index::ReadTo(last.clone()),
            _ => Index::ReadToEnd,
        };
        self.requests.extend(page);
    }

    /// The oldest one. Younger ones of the batch wait until the index has no older ones left.
    pub fn first(&self) -> Option<&Candidate> {
        self.requests.first().filter(|first| match &self.index {
            Index::Unread => false,
            Index::ReadTo(last) => *first <= last,
            Index::ReadToEnd => true,
        })
    }

    /// This one was dealt with.
    pub fn remove(&mut self, candidate: &Candidate) {
        self.requests.remove(candidate);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use accounts_core::{RequestId, Timestamp};

    use super::*;

    fn candidates(ms: std::ops::Range<i64>) -> Vec<Candidate> {
        let candidate = |ms: i64| Candidate {
            request_id: RequestId::generate(Timestamp::from_ms(1_700_000_000_000 + ms)),
            account_email: format!("user{ms}@example.com"),
        };
        ms.map(candidate).collect()
    }

    #[test]
    fn the_oldest_comes_first_and_a_younger_one_of_the_batch_waits_for_the_rest_of_the_index() {
        let all = candidates(0..30);
        let (index, batch) = all.split_at(25);
        let mut candidates = Candidates::of_batch(batch);
        assert_eq!(candidates.first(), None, "the index was not read yet");
        let mut read = 0_usize;
        while let Some(limit) = candidates.next_page(2) {
            assert_eq!(
                (limit, candidates.read_to()),
                (12, read.checked_sub(1).and_then(|last| index.get(last)))
            );
            let page = &index[read..(read + limit).min(index.len())];
            read += page.len();
            candidates.add_page(page.to_vec(), limit);
            if read < index.len() {
                while let Some(first) = candidates.first().cloned() {
                    assert!(first <= index[read - 1]);
                    candidates.remove(&first);
                }
            }
        }
        assert_eq!(candidates.first(), Some(&all[24]));
        candidates.remove(&all[24]);
        assert_eq!(candidates.first(), Some(&all[25]), "the index has none left");
    }

    #[test]
    fn no_page_is_read_without_a_free_slot_and_no_more_than_four_with_one() {
        let mut candidates = Candidates::of_batch(&[]);
        assert_eq!(candidates.next_page(0), None);
        let mut pages = 0;
        while let Some(limit) = candidates.next_page(1) {
            candidates.add_page(super::tests::candidates(0..i64::try_from(limit).unwrap()), limit);
            pages += 1;
        }
        assert_eq!(pages, 4);
    }
}
