//! What one case is, and how it is drawn.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::task::{End, Queue, Task};

/// How far a request is when the first round begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    Accepted,
    Admitted,
    Validated,
    Announced,
    Running,
    Overdue,
    Succeeded,
    Provisioned,
    Parked,
    Rejected,
    Failed,
    MayExist,
    Watched,
}

/// What a restored backup, which is older than the rest of the world, has made of the table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Restored {
    /// The first slot that is held is free.
    SlotFree,
    /// The first slot that is held is that of a request that is not there.
    SlotOfAnother,
    /// The first slot that is held is its holder's, of another admission.
    SlotOfAnotherAdmission,
    /// A free slot is that of a request that is not there.
    Orphan,
    /// The first name is not claimed.
    NameFree,
    /// The first name is another account's.
    NameOfAnother,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fate {
    Answered,
    /// The transaction meets another one.
    Conflict,
    /// The connection breaks before the call arrives.
    LostBefore,
    /// The connection breaks after the call was carried out.
    LostAfter,
}

/// A task that begins in a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begins {
    pub(super) task: Task,
    /// Which request it is about: of those that there are when the round begins.
    pub(super) request: usize,
    /// How much later it is than the task before.
    pub(super) after_seconds: i64,
}

/// A case. The tasks of a round run at once.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) stages: Vec<Stage>,
    pub(super) restored: Option<Restored>,
    pub(super) rounds: Vec<Vec<Begins>>,
    /// Which of the calls that wait goes on, and what becomes of it. Where it ends, the first one goes on.
    pub(super) schedule: Vec<(usize, Fate)>,
}

/// Any case.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let restored = prop_oneof![
        4 => Just(None),
        1 => select(vec![
            Restored::SlotFree,
            Restored::SlotOfAnother,
            Restored::SlotOfAnotherAdmission,
            Restored::Orphan,
            Restored::NameFree,
            Restored::NameOfAnother,
        ])
        .prop_map(Some),
    ];
    let stages = vec(stage(), 0..3);
    let rounds = vec(round(), 1..3);
    let schedule = vec((0..12_usize, fate()), 0..60);
    (stages, restored, rounds, schedule).prop_map(|(stages, restored, rounds, schedule)| Case {
        stages,
        restored,
        rounds,
        schedule,
    })
}

/// Those of the middle of a life most of all.
fn stage() -> impl Strategy<Value = Stage> {
    use Stage::*;
    let middle = vec![Accepted, Admitted, Validated, Announced, Running, Overdue, Succeeded, Rejected];
    prop_oneof![
        3 => select(middle),
        1 => select(vec![Provisioned, Parked, Failed, MayExist, Watched]),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        12 => Just(Fate::Answered),
        1 => Just(Fate::Conflict),
        1 => Just(Fate::LostBefore),
        1 => Just(Fate::LostAfter),
    ]
}

/// Tasks of one sort, or about one request, meet more often than any.
fn round() -> impl Strategy<Value = Vec<Begins>> {
    let any_task = prop_oneof![3 => accept(), 3 => queue_task(), 4 => step(), 2 => pool(), 3 => read()];
    let of_one = prop_oneof![2 => queue_task(), 8 => step(), 1 => read()];
    let accepts = prop_oneof![5 => accept(), 1 => read()];
    let of_pool = prop_oneof![3 => pool(), 3 => queue_task(), 1 => read()];
    prop_oneof![
        2 => vec(begins(any_task, 0..3), 2..6),
        2 => vec(begins(accepts, 0..3), 2..6),
        2 => vec(begins(of_pool, 0..3), 2..6),
        5 => (0..2_usize).prop_flat_map(move |request| {
            vec(begins(of_one.clone(), request..request + 1), 2..6)
        }),
    ]
}

fn begins(task: impl Strategy<Value = Task>, request: Range<usize>) -> impl Strategy<Value = Begins> {
    let after_seconds = prop_oneof![8 => 0..3_i64, 2 => Just(120), 1 => Just(90_000)];
    (task, request, after_seconds).prop_map(|(task, request, after_seconds)| Begins {
        task,
        request,
        after_seconds,
    })
}

fn accept() -> impl Strategy<Value = Task> {
    let key = prop_oneof![1 => Just(None), 2 => (0..2_u8).prop_map(Some)];
    (0..3_u8, 0..3_u8, key, any::<bool>()).prop_map(|(email, name, key, unit)| Task::Accept {
        email,
        name,
        key,
        unit,
    })
}

fn queue_task() -> impl Strategy<Value = Task> {
    prop_oneof![
        4 => (1..3_u32).prop_map(|slot| Task::Admit { slot }),
        1 => (1..4_u32).prop_map(|slot| Task::Readmit { slot }),
        2 => Just(Task::Restart),
        1 => Just(Task::Unpark),
        1 => Just(Task::Notified),
        1 => any::<bool>().prop_map(|again| Task::Watched { again }),
    ]
}

fn step() -> impl Strategy<Value = Task> {
    let id = proptest::option::of(0..2_u8);
    let end = prop_oneof![
        4 => (0..2_u8).prop_map(|id| End::Succeeded { id }),
        1 => Just(End::Failed),
        1 => id.clone().prop_map(|id| End::MayExist { id }),
        1 => Just(End::Busy),
    ];
    prop_oneof![
        2 => Just(Task::Validated),
        1 => Just(Task::RejectedByValidation),
        3 => Just(Task::Begin),
        2 => Just(Task::Attempt),
        3 => Just(Task::BackendAccepted),
        3 => any::<bool>().prop_map(|is_final| Task::BackendRejected { is_final }),
        4 => end.prop_map(Task::OperationEnded),
        2 => any::<bool>().prop_map(|is_overdue| Task::Followed { is_overdue }),
        2 => Just(Task::Park),
        2 => Just(Task::Hold),
        4 => Just(Task::Complete),
        4 => Just(Task::Fail),
        3 => id.prop_map(|account| Task::Resolve { account }),
    ]
}

fn pool() -> impl Strategy<Value = Task> {
    prop_oneof![
        3 => (30..120_u16).prop_map(|seconds| Task::PausePool { seconds }),
        2 => Just(Task::ClearPoolPause),
        2 => (1..4_u32).prop_map(|slot| Task::ReleaseOrphan { slot }),
    ]
}

fn read() -> impl Strategy<Value = Task> {
    let queue =
        || select(vec![Queue::Waiting, Queue::Parked, Queue::Held, Queue::Unnotified, Queue::Watched]);
    prop_oneof![
        Just(Task::ReadAccount),
        (0..2_u8).prop_map(|id| Task::ReadAccountOfId { id }),
        Just(Task::ReadRequest),
        Just(Task::ReadSnapshot),
        Just(Task::ReadOperations),
        Just(Task::ReadSlotHolders),
        Just(Task::ReadPoolPause),
        (1..3_u32, any::<bool>()).prop_map(|(limit, after)| Task::ReadHistory { limit, after }),
        (select(vec![Queue::Waiting, Queue::Held]), 1..3_usize, any::<bool>())
            .prop_map(|(queue, limit, after)| Task::ReadQueue { queue, limit, after }),
        select(vec![Queue::Parked, Queue::Unnotified, Queue::Watched])
            .prop_map(|queue| Task::ReadDue { queue }),
        queue().prop_map(|queue| Task::CountQueue { queue }),
        Just(Task::CountAhead),
    ]
}

/// The tasks that bring the request of this number to its stage, one after the other.
pub(super) fn way_to(stage: Stage, number: u8) -> Vec<Task> {
    let accept = Task::Accept { email: number, name: number, key: None, unit: false };
    let admit = Task::Admit { slot: u32::from(number) + 1 };
    let announced = [accept, admit, Task::Validated, Task::Begin];
    let running = [&announced[..], &[Task::BackendAccepted]].concat();
    let ended = |end: End| [&running[..], &[Task::OperationEnded(end)]].concat();
    let overdue = [&running[..], &[Task::Followed { is_overdue: true }]].concat();
    match stage {
        Stage::Accepted => announced[..1].to_vec(),
        Stage::Admitted => announced[..2].to_vec(),
        Stage::Validated => announced[..3].to_vec(),
        Stage::Announced => announced.to_vec(),
        Stage::Running => running,
        Stage::Overdue => overdue,
        Stage::Succeeded => ended(End::Succeeded { id: number }),
        Stage::Provisioned => [ended(End::Succeeded { id: number }), vec![Task::Complete]].concat(),
        Stage::Parked => vec![accept, admit, Task::Park],
        Stage::Rejected => vec![accept, admit, Task::RejectedByValidation],
        Stage::Failed => vec![accept, admit, Task::RejectedByValidation, Task::Fail],
        Stage::MayExist => [ended(End::MayExist { id: None }), vec![Task::Fail]].concat(),
        Stage::Watched => {
            [overdue, vec![Task::Resolve { account: None }, Task::Fail, Task::Notified]].concat()
        }
    }
}
