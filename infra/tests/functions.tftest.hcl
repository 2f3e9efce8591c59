# Every function: a role, a log and alarms of its own, and settings that fit the others'.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "the_functions_are_the_eight_of_the_workspace_on_amazon_linux_2023_and_arm64" {
  command = plan

  assert {
    condition = toset(keys(output.function_names)) == toset([
      "api", "authorizer", "check-status", "provision", "stream-trigger", "update-failed", "update-status", "validate",
    ])
    error_message = "The functions are ${join(", ", keys(output.function_names))}."
  }

  assert {
    condition     = alltrue([for key, name in output.function_names : name == "account-factory-dev-${key}"])
    error_message = "A function is not called after its environment and its crate."
  }

  assert {
    condition = alltrue([
      for function in module.function :
      function.runtime.runtime == "provided.al2023" && function.runtime.architectures == tolist(["arm64"])
    ])
    error_message = "A function runs on something else."
  }
}

run "every_function_has_a_role_of_its_own_with_one_policy" {
  command = plan

  assert {
    condition     = length(distinct([for function in module.function : function.role_name])) == length(module.function)
    error_message = "Two functions share a role."
  }

  assert {
    condition     = alltrue([for function in module.function : function.policy_role == function.role_name])
    error_message = "A function's policy is on another role."
  }
}

run "every_function_has_a_log_group_of_its_own_that_forgets_and_logs_json_into_it" {
  command = plan

  variables {
    log_retention_days = 30
  }

  assert {
    condition     = alltrue([for function in module.function : function.log_group_name == "/aws/lambda/${function.name}"])
    error_message = "A function's log group is not its own."
  }

  assert {
    condition     = alltrue([for function in module.function : function.log_retention_days == 30])
    error_message = "A log group does not keep to log_retention_days."
  }

  assert {
    condition     = alltrue([for function in module.function : function.logging.log_group == function.log_group_name])
    error_message = "A function writes to another log group than its own."
  }

  assert {
    condition = alltrue([
      for function in module.function :
      function.logging.log_format == "JSON" && function.logging.application_log_level == "INFO" && function.logging.system_log_level == "INFO"
    ])
    error_message = "A function does not log JSON at INFO."
  }

  assert {
    condition     = alltrue([for function in module.function : function.tracing_mode == "Active"])
    error_message = "A function is not traced."
  }
}

run "every_function_has_alarms_of_its_own_for_errors_throttles_and_duration" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for key, function in module.function : [
        for suffix in ["errors", "throttles", "duration"] :
        contains(keys(function.alarms), "account-factory-dev-${key}-${suffix}")
      ]
    ]))
    error_message = "A function has no alarm for its errors, its throttles or its duration."
  }

  assert {
    condition     = alltrue([for function in module.function : one(function.watched) == function.name])
    error_message = "An alarm watches another function than its own."
  }
}

run "no_invocation_outlasts_the_one_who_waits_for_it" {
  command = plan

  variables {
    lambda_timeout = 290
  }

  assert {
    condition     = module.function["authorizer"].timeout < 10
    error_message = "API Gateway gives the authorizer 10 seconds."
  }

  assert {
    condition     = module.function["api"].timeout < 30
    error_message = "API Gateway gives the api 30 seconds."
  }

  assert {
    condition = alltrue([
      for state in values(jsondecode(module.workflow.definition).States) : alltrue([
        for function in module.function : function.timeout < state.TimeoutSeconds if try(state.Type, "") == "Task"
      ])
    ])
    error_message = "The state machine gives up a task whose function still runs."
  }
}

run "every_function_has_the_settings_that_it_reads_and_no_others" {
  command = plan

  # The authorizer's hang on the user pool, which a plan does not know: tests/api.tftest.hcl has them.
  assert {
    condition = jsonencode({ for key, function in module.function : key => function.environment if key != "authorizer" }) == jsonencode({
      api = {
        DYNAMO_TABLE      = "account-factory-dev-accounts"
        METRICS_NAMESPACE = "AccountFactory/dev"
      }
      stream-trigger = {
        DYNAMO_TABLE        = "account-factory-dev-accounts"
        METRICS_NAMESPACE   = "AccountFactory/dev"
        SFN_ARN             = "arn:aws:states:us-east-1:123456789012:stateMachine:account-factory-dev"
        TOPIC_ARN           = "arn:aws:sns:us-east-1:123456789012:account-factory-dev-requests"
        CONTROL_TOWER_SLOTS = "5"
        BACKOFF_SECONDS     = "60"
      }
      validate = {
        DYNAMO_TABLE      = "account-factory-dev-accounts"
        METRICS_NAMESPACE = "AccountFactory/dev"
        POLL_SECONDS      = "60"
      }
      provision = {
        DYNAMO_TABLE           = "account-factory-dev-accounts"
        METRICS_NAMESPACE      = "AccountFactory/dev"
        FIRST_POLL_SECONDS     = "300"
        POLL_SECONDS           = "60"
        ATTEMPT_EXPIRY_SECONDS = "1020"
      }
      check-status = {
        DYNAMO_TABLE              = "account-factory-dev-accounts"
        FIRST_POLL_SECONDS        = "300"
        POLL_SECONDS              = "60"
        OPERATION_TIMEOUT_SECONDS = "14400"
        ATTEMPT_EXPIRY_SECONDS    = "1020"
      }
      update-status = {
        DYNAMO_TABLE      = "account-factory-dev-accounts"
        METRICS_NAMESPACE = "AccountFactory/dev"
        TOPIC_ARN         = "arn:aws:sns:us-east-1:123456789012:account-factory-dev-requests"
      }
      update-failed = {
        DYNAMO_TABLE      = "account-factory-dev-accounts"
        METRICS_NAMESPACE = "AccountFactory/dev"
        TOPIC_ARN         = "arn:aws:sns:us-east-1:123456789012:account-factory-dev-requests"
        BACKOFF_SECONDS   = "60"
      }
    })
    error_message = "The settings are ${jsonencode({ for key, function in module.function : key => function.environment if key != "authorizer" })}."
  }
}

run "every_variable_of_the_workflow_reaches_the_functions_that_read_it" {
  command = plan

  variables {
    function_environment        = { HTTPS_PROXY = "http://proxy.example.com:3128", DYNAMO_TABLE = "another" }
    control_tower_slots         = 7
    first_poll_seconds          = 11
    poll_seconds                = 2
    operation_timeout_seconds   = 600
    backoff_seconds             = 3
    lambda_timeout              = 100
    lambda_reserved_concurrency = { api = 20 }
  }

  assert {
    condition     = alltrue([for function in module.function : lookup(function.environment, "HTTPS_PROXY", "") == "http://proxy.example.com:3128"])
    error_message = "function_environment does not reach every function."
  }

  assert {
    condition = alltrue([
      for key, function in module.function : function.environment["DYNAMO_TABLE"] == "account-factory-dev-accounts" if key != "authorizer"
    ])
    error_message = "A function uses another table."
  }

  assert {
    condition = { for name, values in {
      for name in [
        "CONTROL_TOWER_SLOTS", "FIRST_POLL_SECONDS", "POLL_SECONDS", "OPERATION_TIMEOUT_SECONDS", "BACKOFF_SECONDS",
      ] : name => distinct([for key, function in module.function : function.environment[name] if contains(keys(function.environment), name)])
      } : name => one(values) } == {
      CONTROL_TOWER_SLOTS       = "7"
      FIRST_POLL_SECONDS        = "11"
      POLL_SECONDS              = "2"
      OPERATION_TIMEOUT_SECONDS = "600"
      BACKOFF_SECONDS           = "3"
    }
    error_message = "A variable does not reach the functions."
  }

  # A signed request is valid for 15 minutes, and the function that sent it may have sent it at its very end.
  assert {
    condition = alltrue([
      for key in ["provision", "check-status"] :
      tonumber(module.function[key].environment["ATTEMPT_EXPIRY_SECONDS"]) == module.function["provision"].timeout + 900
    ])
    error_message = "An attempt is taken for lost while it can still arrive."
  }

  assert {
    condition     = module.function["api"].runtime.concurrency == 20 && module.function["validate"].runtime.concurrency == -1
    error_message = "Reserved concurrency is not given to api alone."
  }
}

run "a_package_that_is_missing_stops_the_plan_with_a_sentence" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    place              = { partition = "aws", account = "123456789012", region = "us-east-1", dns_suffix = "amazonaws.com" }
    function           = "api"
    name               = "account-factory-dev-api"
    description        = "Has no package."
    package            = "tests/no-packages/api/bootstrap.zip"
    architecture       = "arm64"
    memory_size        = 128
    timeout            = 29
    environment        = {}
    policy_statements  = []
    log_level          = "INFO"
    log_retention_days = 30
    enable_alarms      = false
    alarm_topic_arn    = ""
  }

  expect_failures = [aws_lambda_function.this]
}
