# What functions and workflow may do: read from the policies themselves, as the plan shows them.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "no_policy_holds_a_wildcard_as_action" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in concat([for function in module.function : function.policy], [module.workflow.policy]) : [
        for statement in jsondecode(policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A policy allows more than it can name."
  }
}

run "a_policy_holds_a_wildcard_as_resource_only_where_aws_knows_no_resource" {
  command = plan

  # The actions that have no resource type, or none that the call names (Service Authorization Reference).
  assert {
    condition = length(setsubtract(
      flatten([
        for policy in concat([for function in module.function : function.policy], [module.workflow.policy]) : [
          for statement in jsondecode(policy).Statement : statement.Action if contains(statement.Resource, "*")
        ]
      ]),
      [
        "cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate",
        "controltower:CreateManagedAccount", "controltower:DeregisterManagedAccount", "controltower:DescribeManagedAccount",
        "dynamodb:ListStreams",
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
        "organizations:CreateAccount", "organizations:DescribeCreateAccountStatus", "organizations:DescribeOrganization",
        "organizations:ListAccounts", "organizations:ListRoots",
        # Only for AWS services in the function's name; see the condition below.
        "s3:GetObject",
        # Looked up by name.
        "servicecatalog:DescribeProductAsAdmin",
        "servicecatalog:DescribeProvisionedProduct", "servicecatalog:DescribeRecord",
        "servicecatalog:SearchProvisionedProducts",
        "sso-directory:AddMemberToGroup", "sso-directory:CreateUser", "sso-directory:DescribeDirectory",
        "sso-directory:DescribeGroups", "sso-directory:GetUserPoolInfo", "sso-directory:ListMembersInGroup",
        "sso-directory:SearchGroups", "sso-directory:SearchGroupsWithGroupName", "sso-directory:SearchUsers",
        "sso:AssociateProfile", "sso:CreateApplicationInstance", "sso:CreateProfile", "sso:CreateTrust",
        "sso:DescribeRegisteredRegions", "sso:GetApplicationInstance", "sso:GetPeregrineStatus", "sso:GetPermissionSet",
        "sso:GetProfile", "sso:GetSSOStatus", "sso:GetTrust", "sso:ListDirectoryAssociations", "sso:ListPermissionSets",
        "sso:ListProfileAssociations", "sso:ProvisionApplicationInstanceForAWSAccount",
        "sso:ProvisionApplicationProfileForAWSAccountInstance", "sso:ProvisionSAMLProvider", "sso:UpdateProfile",
        "sso:UpdateTrust",
        "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
      ],
    )) == 0
    error_message = "A policy allows on everything what it could allow on something."
  }

  assert {
    condition = alltrue(flatten([
      for function in module.function : [
        for statement in jsondecode(function.policy).Statement :
        try(statement.Condition.Bool["aws:ViaAWSService"], null) == ["true"] if contains(statement.Action, "s3:GetObject")
      ]
    ]))
    error_message = "A function may read every bucket itself."
  }
}

run "what_the_fleet_made_is_named_in_full_in_every_policy" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in concat([for function in module.function : function.policy], [module.workflow.policy]) : [
        for statement in jsondecode(policy).Statement : [
          for resource in statement.Resource :
          can(regex("^arn:aws:[a-z0-9-]+:us-east-1:123456789012:.*account-factory-dev", resource))
          if can(regex("^arn:[^:]*:(dynamodb|lambda|logs|sns|sqs|states):", resource)) || can(regex("^arn:\\*|^\\*:", resource))
        ]
      ]
    ]))
    error_message = "A policy reaches beyond the fleet of this environment."
  }
}

run "each_dangerous_right_is_held_only_by_the_functions_that_use_it_and_nobody_scans" {
  command = plan

  assert {
    condition = jsonencode({
      for right in ["servicecatalog:ProvisionProduct", "states:StartExecution", "organizations:TagResource", "sns:Publish"] :
      right => [
        for key, function in module.function : key
        if anytrue([for statement in jsondecode(function.policy).Statement : contains(statement.Action, right)])
      ]
      }) == jsonencode({
      "servicecatalog:ProvisionProduct" = ["provision"]
      "states:StartExecution"           = ["stream-trigger"]
      "organizations:TagResource"       = ["update-status"]
      "sns:Publish"                     = ["stream-trigger", "update-failed", "update-status"]
    })
    error_message = "Another function than it should may launch the product, start executions, tag accounts or publish."
  }

  assert {
    condition = !anytrue([
      for function in module.function : strcontains(function.policy, "dynamodb:Scan") || strcontains(function.policy, "dynamodb:Batch")
    ])
    error_message = "A function may read or write the table wholesale."
  }
}

run "items_are_used_in_the_table_and_queried_in_it_or_in_the_queue" {
  command = plan

  assert {
    condition = jsonencode({
      for key, function in module.function : key => sort(flatten([
        for statement in jsondecode(function.policy).Statement : [
          for pair in setproduct(statement.Action, statement.Resource) : "${trimprefix(pair[0], "dynamodb:")} on ${pair[1]}"
          if contains(["dynamodb:Query", "dynamodb:GetItem"], pair[0])
        ]
      ]))
      }) == jsonencode({
      for key, function in module.function : key => concat(
        key == "authorizer" ? [] : ["GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/account-factory-dev-accounts"],
        !contains(["api", "stream-trigger"], key) ? [] : [
          "Query on arn:aws:dynamodb:us-east-1:123456789012:table/account-factory-dev-accounts",
          "Query on arn:aws:dynamodb:us-east-1:123456789012:table/account-factory-dev-accounts/index/QueueIndex",
        ],
      )
    })
    error_message = "A function reads elsewhere, or cannot read where it should."
  }

  assert {
    condition = alltrue(flatten([
      for function in module.function : [
        for statement in jsondecode(function.policy).Statement :
        statement.Resource == ["arn:aws:dynamodb:us-east-1:123456789012:table/account-factory-dev-accounts"]
        if anytrue([for action in statement.Action : can(regex("^dynamodb:(Put|Update|Delete|ConditionCheck)", action))])
      ]
    ]))
    error_message = "A function writes elsewhere than into the table."
  }
}

run "executions_are_started_on_the_state_machine_and_described_by_their_own_arns" {
  command = plan

  assert {
    condition = jsonencode({
      for statement in jsondecode(module.function["stream-trigger"].policy).Statement :
      one(statement.Action) => statement.Resource if startswith(statement.Action[0], "states:")
      }) == jsonencode({
      "states:StartExecution"    = ["arn:aws:states:us-east-1:123456789012:stateMachine:account-factory-dev"]
      "states:DescribeExecution" = ["arn:aws:states:us-east-1:123456789012:execution:account-factory-dev:*"]
    })
    error_message = "stream-trigger may start or describe other executions, or not its own."
  }
}

run "each_function_may_make_the_calls_that_it_makes_on_table_organization_service_catalog_and_the_rest" {
  command = plan

  # From the calls in crates/aws. The emulator enforces no policy, so a right that is missing shows only here, or on AWS.
  # A transaction needs the right to each of its parts; reading a stream and leaving dead letters is Lambda's, in the
  # function's name. What a launch needs beside provision's own calls stands in infra/launch.tf.
  assert {
    condition = jsonencode({
      for key, function in module.function : key => sort(distinct(flatten([
        for statement in jsondecode(function.policy).Statement : [
          for action in statement.Action : action
          if can(regex("^(dynamodb|states|sns|sqs|organizations:(List|Describe|Tag)|servicecatalog):?", action))
        ]
      ])))
      }) == jsonencode({
      api = [
        "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "organizations:DescribeAccount",
        "organizations:ListAccounts", "servicecatalog:DescribeProvisionedProduct", "servicecatalog:DescribeRecord",
        "servicecatalog:SearchProvisionedProducts",
      ]
      authorizer = []
      stream-trigger = [
        "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeStream", "dynamodb:GetItem",
        "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams", "dynamodb:PutItem", "dynamodb:Query",
        "organizations:ListAccounts", "servicecatalog:DescribeProvisionedProduct",
        "servicecatalog:DescribeRecord", "servicecatalog:SearchProvisionedProducts", "sns:Publish", "sqs:SendMessage",
        "states:DescribeExecution", "states:StartExecution",
      ]
      validate = [
        "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem",
        "organizations:DescribeOrganizationalUnit", "organizations:ListAccounts",
        "organizations:ListOrganizationalUnitsForParent", "organizations:ListRoots",
      ]
      provision = [
        "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
        "organizations:DescribeCreateAccountStatus", "organizations:DescribeOrganization",
        "organizations:ListAccounts", "servicecatalog:DescribeProductAsAdmin", "servicecatalog:ListLaunchPaths",
        "servicecatalog:ListProvisioningArtifacts", "servicecatalog:ProvisionProduct",
        "servicecatalog:SearchProvisionedProducts",
      ]
      check-status = [
        "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "organizations:ListAccounts",
        "servicecatalog:DescribeProvisionedProduct", "servicecatalog:DescribeRecord",
        "servicecatalog:SearchProvisionedProducts",
      ]
      update-status = [
        "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "organizations:TagResource", "sns:Publish",
      ]
      update-failed = [
        "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
        "sns:Publish", "sqs:SendMessage",
      ]
    })
    error_message = "A function may do less than it does, or more."
  }
}

run "the_workflow_invokes_its_five_functions_and_no_other" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in jsondecode(module.workflow.policy).Statement : statement.Resource
      if contains(statement.Action, "lambda:InvokeFunction")
      ])) == toset([
      for key in ["validate", "provision", "check-status", "update-status", "update-failed"] :
      "arn:aws:lambda:us-east-1:123456789012:function:account-factory-dev-${key}"
    ])
    error_message = "The workflow may invoke other functions than its own."
  }

  assert {
    condition = toset(flatten([
      for state in values(jsondecode(module.workflow.definition).States) : state.Parameters.FunctionName if state.Type == "Task"
      ])) == toset(flatten([
      for statement in jsondecode(module.workflow.policy).Statement : statement.Resource
      if contains(statement.Action, "lambda:InvokeFunction")
    ]))
    error_message = "The state machine names other functions than the workflow may invoke."
  }
}

run "the_role_of_provision_becomes_a_principal_of_the_given_portfolio" {
  command = plan

  variables {
    account_factory_portfolio_id = "port-abcdefghijklm"
  }

  assert {
    condition     = aws_servicecatalog_principal_portfolio_association.provision[0].portfolio_id == "port-abcdefghijklm"
    error_message = "Another portfolio is associated."
  }
}

run "without_a_portfolio_nothing_is_associated_and_the_summary_says_what_is_missing" {
  command = apply

  assert {
    condition     = length(aws_servicecatalog_principal_portfolio_association.provision) == 0
    error_message = "A portfolio is associated that nobody named."
  }

  assert {
    condition     = strcontains(output.summary, "The Account Factory portfolio is not associated")
    error_message = "The summary keeps silent about it."
  }
}
