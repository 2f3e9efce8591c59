//! One invocation of the dispatcher, a call of the table a step: what it read may have changed by its next step.

use std::collections::VecDeque;

use accounts_aws::{Candidate, Commit};
use accounts_core::transition::admit;
use accounts_core::{Request, RequestId};
use stream_trigger::Candidates;

use crate::table::is_waiting;
use crate::world::{SLOTS, World};

/// An invocation.
pub(crate) struct Dispatch {
    /// The shard whose batch it works on; none is the reconciler's.
    pub(crate) shard: Option<usize>,
    free: VecDeque<u32>,
    candidates: Candidates,
    next: Next,
}

enum Next {
    Holders,
    Page,
    Read,
    Write(Box<Request>),
    Start(RequestId),
}

/// Whether an invocation goes on.
pub(crate) enum Step {
    Goes,
    Ended,
}

impl Dispatch {
    pub(crate) fn new(shard: Option<usize>, batch: &[Candidate]) -> Self {
        let candidates = Candidates::of_batch(batch);
        Self { shard, free: VecDeque::new(), candidates, next: Next::Holders }
    }

    /// Makes its next call of the table.
    pub(crate) fn step(&mut self, world: &mut World) -> Step {
        match std::mem::replace(&mut self.next, Next::Page) {
            Next::Holders => {
                self.free = (1..=SLOTS).filter(|slot| !world.table.slots.contains_key(slot)).collect();
            }
            Next::Page => {
                let Some(limit) = self.candidates.next_page(self.free.len()) else {
                    return Step::Ended;
                };
                let page = world.table.page(self.candidates.read_to(), limit);
                self.candidates.add_page(page, limit);
                self.next = Next::Read;
            }
            Next::Read => {
                let (Some(candidate), Some(_)) = (self.candidates.first().cloned(), self.free.front()) else {
                    return Step::Goes;
                };
                match world.table.request(candidate.request_id).filter(|request| is_waiting(request)) {
                    Some(request) => self.next = Next::Write(Box::new(request.clone())),
                    None => self.skip(&candidate),
                }
            }
            Next::Write(request) => {
                let (Some(candidate), Some(slot)) =
                    (self.candidates.first().cloned(), self.free.front().copied())
                else {
                    return Step::Goes;
                };
                self.next = Next::Read;
                let Some(change) = admit(&request, slot, world.now()) else {
                    self.skip(&candidate);
                    return Step::Goes;
                };
                match world.commit(request.request_id, change) {
                    Commit::Written => {
                        self.free.pop_front();
                        self.skip(&candidate);
                        self.next = Next::Start(request.request_id);
                    }
                    Commit::SlotTaken => drop(self.free.pop_front()),
                    _ => {}
                }
            }
            Next::Start(id) => {
                if world.dies() {
                    return Step::Ended;
                }
                world.start(id);
                self.next = Next::Read;
            }
        }
        Step::Goes
    }

    fn skip(&mut self, candidate: &Candidate) {
        self.candidates.remove(candidate);
        self.next = Next::Read;
    }
}
