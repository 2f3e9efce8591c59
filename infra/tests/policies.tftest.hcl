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

run "each_right_is_held_only_by_the_functions_that_use_it_and_nobody_scans" {
  command = plan

  assert {
    condition = tolist(["provision"]) == tolist([
      for key, function in module.function : key
      if anytrue([for statement in jsondecode(function.policy).Statement : contains(statement.Action, "servicecatalog:ProvisionProduct")])
    ])
    error_message = "Another function than provision may launch the product, or provision may not."
  }

  assert {
    condition = tolist(["update-failed", "update-status"]) == tolist([
      for key, function in module.function : key
      if anytrue([for statement in jsondecode(function.policy).Statement : contains(statement.Action, "sns:Publish")])
    ])
    error_message = "Others than update-status and update-failed may publish, or they may not."
  }

  assert {
    condition = tolist(["stream-trigger"]) == tolist([
      for key, function in module.function : key
      if anytrue([for statement in jsondecode(function.policy).Statement : contains(statement.Action, "states:StartExecution")])
    ])
    error_message = "Another function than stream-trigger may start workflows, or it may not."
  }

  assert {
    condition = tolist(["update-failed"]) == tolist([
      for key, function in module.function : key
      if anytrue([for statement in jsondecode(function.policy).Statement : contains(statement.Action, "dynamodb:DeleteItem")])
    ])
    error_message = "Another function than update-failed may delete from the table, or it may not."
  }

  assert {
    condition = !anytrue([
      for function in module.function : strcontains(function.policy, "dynamodb:Scan") || strcontains(function.policy, "dynamodb:BatchWriteItem")
    ])
    error_message = "A function may read or write the table wholesale."
  }

  assert {
    condition = alltrue(flatten([
      for function in module.function : [
        for statement in jsondecode(function.policy).Statement : [for resource in statement.Resource : strcontains(resource, "/index/")]
        if contains(statement.Action, "dynamodb:Query")
      ]
    ]))
    error_message = "A function may query the table itself: no one does, each asks an index."
  }
}

run "each_function_may_make_the_calls_that_it_makes_on_table_landing_zone_and_the_rest" {
  command = plan

  # From the calls in crates/aws. The emulator enforces no policy, so a right that is missing shows only here, or on AWS.
  # A transaction needs the right to each of its parts; reading a stream and leaving dead letters is Lambda's, in the
  # function's name.
  assert {
    condition = jsonencode({
      for key, function in module.function : key => sort(distinct(flatten([
        for statement in jsondecode(function.policy).Statement : [
          for action in statement.Action : action
          if can(regex("^(dynamodb|states|sns|sqs|organizations:(List|Describe|Tag)|servicecatalog):?", action))
        ]
      ])))
      }) == jsonencode({
      api        = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
      authorizer = []
      stream-trigger = [
        "dynamodb:DescribeStream", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
        "dynamodb:ListStreams", "dynamodb:Query", "sqs:SendMessage", "states:StartExecution",
      ]
      validate = [
        "dynamodb:GetItem", "dynamodb:UpdateItem", "organizations:DescribeOrganizationalUnit",
        "organizations:ListAccounts", "organizations:ListOrganizationalUnitsForParent", "organizations:ListRoots",
      ]
      provision = [
        "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "organizations:DescribeCreateAccountStatus",
        "organizations:DescribeOrganization", "servicecatalog:DescribeProductAsAdmin", "servicecatalog:ListLaunchPaths",
        "servicecatalog:ListProvisioningArtifacts", "servicecatalog:ProvisionProduct",
        "servicecatalog:SearchProvisionedProducts",
      ]
      check-status = [
        "dynamodb:GetItem", "dynamodb:UpdateItem", "organizations:ListAccounts",
        "servicecatalog:DescribeProvisionedProduct", "servicecatalog:DescribeRecord",
      ]
      update-status = ["dynamodb:GetItem", "dynamodb:UpdateItem", "organizations:TagResource", "sns:Publish"]
      update-failed = [
        "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "sns:Publish",
        "sqs:SendMessage",
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
