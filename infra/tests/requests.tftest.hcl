# Where requests are stored, how they are dispatched, and what happens to what cannot be delivered.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "development_can_be_thrown_away" {
  command = plan

  assert {
    condition     = !module.table.deletion_protection && !module.identity.deletion_protection
    error_message = "dev is protected."
  }
}

run "every_other_environment_is_protected_against_deletion" {
  command = plan

  variables {
    environment = "production"
  }

  assert {
    condition     = module.table.deletion_protection && module.identity.deletion_protection
    error_message = "Table or user pool of production can be deleted."
  }
}

run "whoever_says_so_has_it_the_other_way_round" {
  command = plan

  variables {
    environment         = "production"
    deletion_protection = false
    enable_pitr         = false
  }

  assert {
    condition     = !module.table.deletion_protection && !module.identity.deletion_protection
    error_message = "deletion_protection = false has no effect."
  }

  assert {
    condition     = !module.table.point_in_time_recovery
    error_message = "enable_pitr = false has no effect."
  }
}

run "the_table_is_the_one_the_functions_know" {
  command = plan

  assert {
    condition     = module.table.keys == { hash = "AccountEmail", range = "Record" }
    error_message = "The keys are ${jsonencode(module.table.keys)}."
  }

  # The queue alone: whoever finds a request there reads it in the table.
  assert {
    condition     = module.table.indexes == { QueueIndex = { hash = "Queue", range = "QueueOrder", projection = "KEYS_ONLY" } }
    error_message = "The indexes are ${jsonencode(module.table.indexes)}."
  }

  assert {
    condition     = module.table.key_attributes == { AccountEmail = "S", Record = "S", Queue = "S", QueueOrder = "S" }
    error_message = "The keys are of ${jsonencode(module.table.key_attributes)}."
  }

  assert {
    condition     = module.table.stream_view_type == "NEW_AND_OLD_IMAGES" && module.table.ttl_attribute == "ExpiresAt"
    error_message = "Stream or expiry are not those of the functions."
  }

  assert {
    condition     = module.table.encrypted_under_kms && module.table.point_in_time_recovery
    error_message = "The table is not encrypted under the account's key, or cannot be restored."
  }
}

run "a_bad_record_of_the_stream_drops_no_other_and_is_retried_as_the_variables_say" {
  command = plan

  variables {
    stream_maximum_record_age_seconds = 120
    stream_maximum_retry_attempts     = 7
  }

  assert {
    condition     = module.stream.retries.retry_attempts == 7 && module.stream.retries.record_age_seconds == 120
    error_message = "A record that fails is tried for longer, or shorter, than the variables say."
  }

  assert {
    condition     = module.stream.retries.bisects && contains(module.stream.retries.response_types, "ReportBatchItemFailures")
    error_message = "One bad record drops others with it."
  }
}

run "the_stream_invokes_the_dispatcher_for_new_requests_and_released_slots_by_their_keys_alone" {
  command = plan

  assert {
    condition = toset([for filter in module.stream.filters : jsonencode(jsondecode(filter))]) == toset([
      jsonencode({ eventName = ["INSERT"], dynamodb = { Keys = { Record = { S = [{ prefix = "REQUEST#" }] } } } }),
      jsonencode({ eventName = ["REMOVE"], dynamodb = { Keys = { AccountEmail = { S = [{ prefix = "SLOT#" }] } } } }),
    ])
    error_message = "The filters let through more, or less: ${jsonencode(module.stream.filters)}."
  }

  # The fleet on one machine reads the same file.
  assert {
    condition = toset([for filter in module.stream.filters : jsonencode(jsondecode(filter))]) == toset([
      for pattern in jsondecode(file("stream-filters.json")) : jsonencode(pattern)
    ])
    error_message = "The filters are not those of the file."
  }
}

run "whatever_cannot_be_delivered_goes_to_the_one_encrypted_queue" {
  command = apply

  assert {
    condition     = module.stream.dead_letter_queue_arn == "arn:aws:sqs:us-east-1:123456789012:account-factory-dev-dead-letters"
    error_message = "A record that fails for good goes nowhere."
  }

  assert {
    condition     = module.reconcile.dead_letter_queue_arn == module.dead_letters.arn && module.execution_ended.dead_letter_queue_arn == module.dead_letters.arn
    error_message = "An event that cannot be delivered is lost."
  }

  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.execution_ended.destination_config).on_failure).destination == module.dead_letters.arn
    error_message = "An event that its function could not process is lost."
  }

  assert {
    condition     = module.dead_letters.kms_key == "arn:aws:kms:us-east-1:123456789012:key/mock"
    error_message = "Dead letters are not encrypted under the fleet's key."
  }

  assert {
    condition     = module.dead_letters.arn == "arn:aws:sqs:us-east-1:123456789012:${module.dead_letters.name}"
    error_message = "The queue is not the one that the policies name."
  }
}

run "the_state_machine_is_the_file_with_every_function_put_in" {
  command = plan

  assert {
    condition     = !can(regex("[$][{]", module.workflow.definition))
    error_message = "A function is missing in the state machine."
  }

  assert {
    condition     = keys(jsondecode(module.workflow.definition).States) == keys(jsondecode(file("state-machine.asl.json")).States)
    error_message = "The state machine is not that of the file."
  }

  assert {
    condition     = module.workflow.type == "STANDARD" && module.workflow.tracing
    error_message = "The state machine is an express one, or is not traced."
  }

  assert {
    condition     = module.workflow.logging.level == "ALL" && !module.workflow.logging.include_execution_data
    error_message = "Events of executions are not logged, or e-mail addresses are."
  }
}

run "the_reconciler_runs_on_its_schedule" {
  command = plan

  assert {
    condition     = module.reconcile.schedule_expression == "rate(5 minutes)" && jsondecode(module.reconcile.input) == { reconcile = true }
    error_message = "The reconciler runs at ${module.reconcile.schedule_expression} with ${module.reconcile.input}."
  }

  assert {
    condition     = module.reconcile.name == "account-factory-dev-reconcile" && module.reconcile.function_name == "account-factory-dev-stream-trigger"
    error_message = "The rule ${module.reconcile.name} invokes ${module.reconcile.function_name}."
  }

  # The next run does what one could not: two at once would only wait for each other.
  assert {
    condition = (
      aws_lambda_function_event_invoke_config.reconcile.maximum_retry_attempts == 0 &&
      aws_lambda_function_event_invoke_config.reconcile.maximum_event_age_in_seconds == 300
    )
    error_message = "A run that failed is repeated beside the next one."
  }
}

run "a_schedule_of_one_minute_is_written_in_the_singular" {
  command = plan

  variables {
    reconcile_minutes = 1
  }

  assert {
    condition     = module.reconcile.schedule_expression == "rate(1 minute)"
    error_message = "EventBridge refuses ${module.reconcile.schedule_expression}."
  }
}

run "an_execution_that_did_not_succeed_has_its_request_looked_at" {
  command = plan

  assert {
    condition = jsondecode(module.execution_ended.event_pattern) == {
      source      = ["aws.states"]
      detail-type = ["Step Functions Execution Status Change"]
      detail = {
        stateMachineArn = ["arn:aws:states:us-east-1:123456789012:stateMachine:account-factory-dev"]
        status          = ["ABORTED", "FAILED", "TIMED_OUT"]
      }
    }
    error_message = "The rule follows ${module.execution_ended.event_pattern}."
  }

  assert {
    condition     = module.execution_ended.function_name == "account-factory-dev-update-failed"
    error_message = "The rule invokes ${module.execution_ended.function_name}."
  }
}
