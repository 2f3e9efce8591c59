# Where requests are kept, how they get to their workflow, and what happens to what does not.

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
    error_message = "deletion_protection = false is not heard."
  }

  assert {
    condition     = !module.table.point_in_time_recovery
    error_message = "enable_pitr = false is not heard."
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

run "the_stream_takes_no_record_along_with_a_bad_one_and_wakes_the_function_only_for_requests" {
  command = plan

  variables {
    stream_maximum_record_age_seconds = 120
    stream_maximum_retry_attempts     = 7
  }

  assert {
    condition     = module.stream.bounds.retry_attempts == 7 && module.stream.bounds.record_age_seconds == 120
    error_message = "A record that fails is tried for longer, or shorter, than the variables say."
  }

  assert {
    condition     = module.stream.bounds.bisects && contains(module.stream.bounds.response_types, "ReportBatchItemFailures")
    error_message = "One bad record takes others with it."
  }

  assert {
    condition = [for filter in module.stream.filters : jsondecode(filter)] == [{
      eventName = ["INSERT", "MODIFY"]
      dynamodb  = { NewImage = { Status = { S = ["Requested"] } } }
    }]
    error_message = "The filter lets through more, or less, than what asks for a workflow."
  }
}

run "whatever_cannot_be_delivered_goes_to_the_one_encrypted_queue" {
  command = apply

  assert {
    condition     = module.stream.dead_letter_queue_arn == "arn:aws:sqs:us-east-1:123456789012:account-factory-dev-dead-letters"
    error_message = "A record that fails for good goes nowhere."
  }

  assert {
    condition     = module.sweep.dead_letter_queue_arn == module.dead_letters.arn && module.execution_ended.dead_letter_queue_arn == module.dead_letters.arn
    error_message = "An event that cannot be delivered is lost."
  }

  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.execution_ended.destination_config).on_failure).destination == module.dead_letters.arn
    error_message = "An end that cannot be recorded is lost."
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

run "the_sweep_comes_as_often_as_it_is_told_and_every_other_end_of_an_execution_is_recorded" {
  command = plan

  variables {
    sweep_minutes = 1
  }

  assert {
    condition     = module.sweep.schedule_expression == "rate(1 minute)" && jsondecode(module.sweep.input) == { sweep = true }
    error_message = "The sweep comes at ${module.sweep.schedule_expression} with ${module.sweep.input}."
  }

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
}
