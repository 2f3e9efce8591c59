//! What the adversary can do.

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// A call is throttled.
    Throttled,
    /// A call is answered with an error of the server; it was not carried out.
    ServerErrorBefore,
    /// A call is answered with an error of the server; it was carried out.
    ServerErrorAfter,
    /// A call is not answered; it was not carried out.
    NoAnswerBefore,
    /// A call is not answered; it was carried out.
    NoAnswerAfter,
    /// A call is not answered; it arrives minutes later, and is carried out then.
    ArrivesLate,
    /// The connection breaks before the call is carried out.
    DisconnectedBefore,
    /// The connection breaks after the call was carried out.
    DisconnectedAfter,
    /// A call takes seconds.
    Slow,
    /// A call stands still until the timeout of its function may be over.
    Stalled,
    /// A call is refused with an error of the service's model.
    Refused,
    /// A transaction is cancelled because it met another one.
    Conflict,
    /// The function crashes before a call is carried out.
    CrashBefore,
    /// The function crashes after a call was carried out.
    CrashAfter,
    /// A step is invoked a second time, up to hours later.
    InvokedTwice,
    /// A record of the stream comes late.
    RecordLate,
    /// A record of the stream comes twice.
    RecordTwice,
    /// A record of the stream is lost.
    RecordLost,
    /// A read of the index shows what was a while ago.
    StaleIndex,
    /// An execution is ended from outside.
    ExecutionLost,
    /// The event of an execution's end is lost.
    EventLost,
    /// For a while an action is denied.
    Denied,
    /// For hours nothing works: every call fails.
    Outage,
    /// The functions are deployed anew, with other settings.
    Redeployed,
    /// Others use the landing zone.
    OthersBusy,
    /// The artifact of the product is retired.
    ArtifactRetired,
    /// The record of an operation is forgotten.
    RecordForgotten,
    /// Searches find no products for a while.
    ProductsHidden,
    /// The caller loses the portfolio for a while.
    ProductMissing,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 29] = [
        Self::Throttled,
        Self::ServerErrorBefore,
        Self::ServerErrorAfter,
        Self::NoAnswerBefore,
        Self::NoAnswerAfter,
        Self::ArrivesLate,
        Self::DisconnectedBefore,
        Self::DisconnectedAfter,
        Self::Slow,
        Self::Stalled,
        Self::Refused,
        Self::Conflict,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::InvokedTwice,
        Self::RecordLate,
        Self::RecordTwice,
        Self::RecordLost,
        Self::StaleIndex,
        Self::ExecutionLost,
        Self::EventLost,
        Self::Denied,
        Self::Outage,
        Self::Redeployed,
        Self::OthersBusy,
        Self::ArtifactRetired,
        Self::RecordForgotten,
        Self::ProductsHidden,
        Self::ProductMissing,
    ];

    /// Faults of one try of one call.
    pub(crate) const OF_CALLS: [Self; 14] = [
        Self::Throttled,
        Self::ServerErrorBefore,
        Self::ServerErrorAfter,
        Self::NoAnswerBefore,
        Self::NoAnswerAfter,
        Self::ArrivesLate,
        Self::DisconnectedBefore,
        Self::DisconnectedAfter,
        Self::Slow,
        Self::Stalled,
        Self::Refused,
        Self::Conflict,
        Self::CrashBefore,
        Self::CrashAfter,
    ];
}
