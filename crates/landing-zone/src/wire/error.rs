//! The errors that go over the wire, with the names that the SDKs have for them.

/// A modelled exception of one of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exception {
    AccessDenied,
    AccountNotFound,
    ChildNotFound,
    ConstraintViolation(&'static str),
    InvalidInput(&'static str),
    InvalidParameters,
    OrganizationalUnitNotFound,
    ParentNotFound,
    ResourceNotFound,
    TargetNotFound,
    Throttling,
    UnknownOperation,
    Validation,
}

impl Exception {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::AccountNotFound => "AccountNotFoundException",
            Self::ChildNotFound => "ChildNotFoundException",
            Self::ConstraintViolation(_) => "ConstraintViolationException",
            Self::InvalidInput(_) => "InvalidInputException",
            Self::InvalidParameters => "InvalidParametersException",
            Self::OrganizationalUnitNotFound => "OrganizationalUnitNotFoundException",
            Self::ParentNotFound => "ParentNotFoundException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::TargetNotFound => "TargetNotFoundException",
            Self::Throttling => "ThrottlingException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::Validation => "ValidationException",
        }
    }

    /// The `Reason` member that two exceptions of Organizations have.
    pub(crate) fn reason(self) -> Option<&'static str> {
        match self {
            Self::ConstraintViolation(reason) | Self::InvalidInput(reason) => Some(reason),
            Self::AccessDenied
            | Self::AccountNotFound
            | Self::ChildNotFound
            | Self::InvalidParameters
            | Self::OrganizationalUnitNotFound
            | Self::ParentNotFound
            | Self::ResourceNotFound
            | Self::TargetNotFound
            | Self::Throttling
            | Self::UnknownOperation
            | Self::Validation => None,
        }
    }

    pub(crate) fn because(self, message: impl Into<String>) -> Refusal {
        Refusal { exception: self, message: message.into() }
    }
}

/// A call that is answered with an exception.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) exception: Exception,
    pub(crate) message: String,
}

/// Why a call has no result: the caller's fault, or the store's.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refusal),
    Store(rusqlite::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Store(cause)
    }
}
