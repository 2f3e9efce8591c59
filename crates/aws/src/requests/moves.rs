//! How a request moves: each move is conditional on the same request and on the status it leaves, and what
//! belongs to the move happens in the same transaction.

use accounts_core::{
    AccountId, AccountRequest, Error, Failure, Kind, ManagedOrganizationalUnit, Move, Moved, Operation,
    Result, Start, Status, Timestamp,
};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};

use super::acceptance::cancellation;
use super::admission::{holds_none, release};
use super::{KEY, Requests, name_key, number, read, text, written};

/// How often a move is tried whose request changed under its eyes.
const TRIES: u32 = 8;

/// The attributes that a move sets and removes, beside the status and the times.
#[derive(Default)]
struct Changes {
    set: Vec<(&'static str, AttributeValue)>,
    remove: Vec<&'static str>,
    slot: Slot,
    frees_name: bool,
}

/// What a move does with the request's slot.
#[derive(Clone, Copy, Default, PartialEq)]
enum Slot {
    /// Nothing.
    #[default]
    Leave,
    /// It is free again.
    Release,
    /// The move was decided because there was none; it happens only if there still is none.
    HasNone,
}

impl Requests {
    /// `Requested → Valid`, with the organizational unit that was found.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the request has ended or was followed by another; otherwise the table's errors.
    pub async fn mark_valid(
        &self,
        start: &Start,
        unit: &ManagedOrganizationalUnit,
        now: Timestamp,
    ) -> Result<Moved> {
        let set =
            vec![("ManagedOrganizationalUnit", text(unit.to_string())), ("SeenAt", text(now.to_string()))];
        self.move_to(start, Status::Valid, &Changes { set, ..Changes::default() }, now).await
    }

    /// `Valid → InProgress`, with the operation that was begun.
    ///
    /// # Errors
    /// As [`Self::mark_valid`].
    pub async fn mark_in_progress(
        &self,
        start: &Start,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Moved> {
        let mut set = operation_attributes(operation);
        set.extend(["BegunAt", "InProgressSince"].map(|name| (name, text(now.to_string()))));
        self.move_to(start, Status::InProgress, &Changes { set, ..Changes::default() }, now).await
    }

    /// `InProgress → Provisioned`, with the account; the slot is free again. A `note` says what could not be
    /// done for the account.
    ///
    /// # Errors
    /// As [`Self::mark_valid`].
    pub async fn mark_provisioned(
        &self,
        start: &Start,
        account: &AccountId,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<Moved> {
        let mut set = vec![("AccountId", text(account.as_str()))];
        set.extend(note.map(|note| ("ErrorMessage", text(note))));
        let changes = Changes { set, slot: Slot::Release, ..Changes::default() };
        self.move_to(start, Status::Provisioned, &changes, now).await
    }

    /// `→ Failed`, on a verdict, with its reason; the slot is free again, and so is the name unless an account
    /// may exist.
    ///
    /// # Errors
    /// As [`Self::mark_valid`]; [`Kind::Conflict`] also if the request is Provisioned.
    pub async fn mark_failed(&self, start: &Start, failure: &Failure, now: Timestamp) -> Result<Moved> {
        self.fail(start, failure, Slot::Release, now).await
    }

    /// `→ Failed`, because the request holds no slot, so that nothing can have been begun for it.
    ///
    /// # Errors
    /// As [`Self::mark_failed`]; [`Kind::Transient`] if it holds one after all.
    pub async fn mark_failed_unbegun(
        &self,
        start: &Start,
        failure: &Failure,
        now: Timestamp,
    ) -> Result<Moved> {
        self.fail(start, failure, Slot::HasNone, now).await
    }

    async fn fail(&self, start: &Start, failure: &Failure, slot: Slot, now: Timestamp) -> Result<Moved> {
        let mut set = vec![("ErrorMessage", text(failure.reason.as_str()))];
        set.extend(failure.account_id.as_ref().map(|id| ("AccountId", text(id.as_str()))));
        if failure.account_may_exist {
            set.push(("AccountMayExist", AttributeValue::Bool(true)));
        }
        let changes = Changes { set, slot, frees_name: !failure.account_may_exist, ..Changes::default() };
        self.move_to(start, Status::Failed, &changes, now).await
    }

    /// The landing zone took up an operation of a request that is `InProgress` and had none running.
    ///
    /// # Errors
    /// As [`Self::mark_valid`].
    pub async fn note_operation(
        &self,
        request: &AccountRequest,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<()> {
        let mut set = operation_attributes(operation);
        set.push(("InProgressSince", text(now.to_string())));
        let changes = Changes { set, ..Changes::default() };
        self.change(request, request.status, &changes, now).await.map(|_| ())
    }

    /// The landing zone turned the request's operation away: the next one will be begun under a name and a
    /// token of its own. The request keeps its slot.
    ///
    /// # Errors
    /// As [`Self::mark_valid`].
    pub async fn forget_operation(&self, request: &AccountRequest, now: Timestamp) -> Result<()> {
        let changes = Changes {
            set: vec![
                ("Operation", number(request.operation + 1)),
                ("InProgressSince", text(now.to_string())),
                ("SeenAt", text(now.to_string())),
            ],
            remove: vec!["RecordId", "ProvisionedProductId"],
            ..Changes::default()
        };
        self.change(request, request.status, &changes, now).await.map(|_| ())
    }

    async fn move_to(&self, start: &Start, next: Status, changes: &Changes, now: Timestamp) -> Result<Moved> {
        for _ in 0..TRIES {
            let request = self.current(start).await?;
            match request.status.step_to(next) {
                Move::Done => return Ok(Moved { request, to: None }),
                Move::Refused => {
                    let sentence = format!("A request that is {} does not become {next}.", request.status);
                    return Err(Error::new(Kind::Conflict, sentence));
                }
                Move::Forward => {}
            }
            if self.change(&request, next, changes, now).await? {
                tracing::info!(
                    request_id = %request.request_id,
                    account_email = %request.account_email,
                    from = %request.status,
                    to = %next,
                    "the request moved"
                );
                return Ok(Moved { request: after(&request, next, changes, now)?, to: Some(next) });
            }
        }
        Err(Error::new(Kind::Transient, "The request changes too fast to be moved."))
    }

    /// Writes the changes if the request still is what it was when it was read; says whether it was.
    async fn change(
        &self,
        request: &AccountRequest,
        next: Status,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<bool> {
        let mut sets = vec!["UpdatedAt = :now".to_owned()];
        let mut update = Update::builder()
            .table_name(&self.table)
            .key(KEY, text(request.account_email.as_str()))
            .condition_expression("RequestID = :id AND #status = :from AND #operation = :operation")
            .expression_attribute_names("#status", "Status")
            .expression_attribute_names("#operation", "Operation")
            .expression_attribute_values(":id", text(request.request_id.to_string()))
            .expression_attribute_values(":from", text(request.status.name()))
            .expression_attribute_values(":operation", number(request.operation))
            .expression_attribute_values(":now", text(now.to_string()));
        if next != request.status {
            sets.push("LastUpdateDate = :now, #status = :next".to_owned());
            update = update.expression_attribute_values(":next", text(next.name()));
        }
        for (name, value) in &changes.set {
            sets.push(format!("#set{name} = :{name}"));
            update = update
                .expression_attribute_names(format!("#set{name}"), *name)
                .expression_attribute_values(format!(":{name}"), value.clone());
        }
        let mut expression = format!("SET {}", sets.join(", "));
        if !changes.remove.is_empty() {
            expression.push_str(&format!(" REMOVE {}", changes.remove.join(", ")));
        }
        let unwritable =
            |error: BuildError| Error::new(Kind::Internal, "The move cannot be written.").caused_by(error);
        let update = update.update_expression(expression).build().map_err(unwritable)?;
        let mut parts = vec![TransactWriteItem::builder().update(update).build()];
        match changes.slot {
            Slot::Leave => {}
            Slot::Release => {
                let update = release(&self.table, request).map_err(unwritable)?;
                parts.push(TransactWriteItem::builder().update(update).build());
            }
            Slot::HasNone => {
                let check = holds_none(&self.table, request).map_err(unwritable)?;
                parts.push(TransactWriteItem::builder().condition_check(check).build());
            }
        }
        if changes.frees_name {
            let delete = Delete::builder()
                .table_name(&self.table)
                .key(KEY, name_key(request))
                .condition_expression("attribute_not_exists(AccountEmail) OR RequestID = :id")
                .expression_attribute_values(":id", text(request.request_id.to_string()))
                .build()
                .map_err(unwritable)?;
            parts.push(TransactWriteItem::builder().delete(delete).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(parts)).send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let reasons = cancellation(error)?;
                if reasons.first().is_some_and(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                    return Ok(false);
                }
                Err(Error::new(Kind::Transient, "The table was too contested to be written."))
            }
        }
    }
}

/// The request as the move left it. It is not read again: once it has failed, another may follow at once.
fn after(
    request: &AccountRequest,
    next: Status,
    changes: &Changes,
    now: Timestamp,
) -> Result<AccountRequest> {
    let mut item = written(request)?;
    let status = [("Status", text(next.name()))];
    let times = ["UpdatedAt", "LastUpdateDate"].map(|name| (name, text(now.to_string())));
    let set = changes.set.iter().cloned().chain(status).chain(times);
    item.extend(set.map(|(name, value)| (name.to_owned(), value)));
    for name in &changes.remove {
        item.remove(*name);
    }
    read(item)
}

fn operation_attributes(operation: &Operation) -> Vec<(&'static str, AttributeValue)> {
    let mut set = vec![("RecordId", text(operation.record_id.as_str()))];
    set.extend(operation.provisioned_product_id.as_deref().map(|id| ("ProvisionedProductId", text(id))));
    set
}
