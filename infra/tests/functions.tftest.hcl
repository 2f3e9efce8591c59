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

run "every_function_has_the_settings_that_it_reads" {
  command = plan

  variables {
    function_environment        = { HTTPS_PROXY = "http://proxy.example.com:3128", DYNAMO_TABLE = "another" }
    poll_seconds                = 2
    wait_bound_seconds          = 600
    max_operations              = 7
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
    error_message = "A function is sent to another table."
  }

  assert {
    condition = alltrue([
      for key in ["api", "stream-trigger", "validate", "provision", "update-status", "update-failed"] :
      module.function[key].environment["METRICS_NAMESPACE"] == "AccountFactory/dev"
    ])
    error_message = "A function writes no figures, or into another namespace."
  }

  assert {
    condition = alltrue([
      for key in ["update-status", "update-failed"] :
      module.function[key].environment["TOPIC_ARN"] == "arn:aws:sns:us-east-1:123456789012:account-factory-dev-requests"
    ])
    error_message = "A function that ends requests has nobody to tell."
  }

  assert {
    condition     = module.function["stream-trigger"].environment["SFN_ARN"] == "arn:aws:states:us-east-1:123456789012:stateMachine:account-factory-dev"
    error_message = "stream-trigger starts another state machine."
  }

  assert {
    condition = alltrue([
      for key in ["provision", "check-status"] :
      module.function[key].environment["POLL_SECONDS"] == "2" && module.function[key].environment["WAIT_BOUND_SECONDS"] == "600"
    ])
    error_message = "Interval or bound do not reach provision and check-status."
  }

  assert {
    condition     = module.function["provision"].environment["MAX_OPERATIONS"] == "7"
    error_message = "provision does not know how many operations may run."
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
