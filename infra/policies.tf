# What each function may do: the calls it makes (crates/aws), on the resources it makes them on. "*" stands only
# where the Service Authorization Reference knows no resource for the action; tests/policies.tftest.hcl holds that.

locals {
  # Statements that more than one function needs.
  may = {
    read_requests = {
      Sid    = "ReadRequests", Resource = [local.table_arn]
      Action = ["dynamodb:GetItem"]
    }
    move_requests = {
      Sid    = "MoveRequests", Resource = [local.table_arn]
      Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    }
    list_by_status = {
      Sid    = "ListByStatus", Resource = ["${local.table_arn}/index/StatusIndex"]
      Action = ["dynamodb:Query"]
    }
    list_accounts = {
      # Organizations has no resource for it.
      Sid    = "ListAccounts", Resource = ["*"]
      Action = ["organizations:ListAccounts"]
    }
    tell = {
      Sid    = "TellWhatBecame", Resource = [local.topic_arn]
      Action = ["sns:Publish"]
    }
    leave_dead_letters = {
      Sid    = "LeaveDeadLetters", Resource = [local.queue_arn]
      Action = ["sqs:SendMessage"]
    }
  }

  policies = {
    api = [
      {
        # A transaction of writes needs the right to each of its parts.
        Sid    = "TakeRequestsIn", Resource = [local.table_arn]
        Action = ["dynamodb:GetItem", "dynamodb:PutItem"]
      },
      {
        Sid    = "FindByAccount", Resource = ["${local.table_arn}/index/AccountIdIndex"]
        Action = ["dynamodb:Query"]
      },
    ]

    # It fetches the keys of tokens from a public address.
    authorizer = []

    stream-trigger = [
      {
        # The stream's name holds the time it was made at, which nobody knows before.
        Sid    = "ReadTheStream", Resource = ["${local.table_arn}/stream/*"]
        Action = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      },
      {
        # DynamoDB has no resource for it; Lambda wants it of whoever reads a stream.
        Sid    = "ListStreams", Resource = ["*"]
        Action = ["dynamodb:ListStreams"]
      },
      local.may.read_requests,
      local.may.list_by_status,
      {
        Sid    = "StartWorkflows", Resource = [local.workflow_arn]
        Action = ["states:StartExecution"]
      },
      local.may.leave_dead_letters,
    ]

    validate = [
      local.may.move_requests,
      {
        Sid    = "FindUnits"
        Action = ["organizations:ListOrganizationalUnitsForParent", "organizations:DescribeOrganizationalUnit"]
        # The ids are the organization's.
        Resource = [
          "arn:${local.partition}:organizations::${local.account}:root/o-*/r-*",
          "arn:${local.partition}:organizations::${local.account}:ou/o-*/ou-*",
        ]
      },
      {
        # Organizations has no resource for it.
        Sid    = "FindTheRoot", Resource = ["*"]
        Action = ["organizations:ListRoots"]
      },
      local.may.list_accounts,
    ]

    provision = concat([local.may.move_requests, local.may.list_by_status], local.launch)

    check-status = [
      local.may.move_requests,
      {
        # Service Catalog has no resource for them.
        Sid    = "FollowTheRecord", Resource = ["*"]
        Action = ["servicecatalog:DescribeRecord", "servicecatalog:DescribeProvisionedProduct"]
      },
      local.may.list_accounts,
    ]

    update-status = [
      local.may.move_requests,
      {
        Sid    = "TagAccounts", Resource = ["arn:${local.partition}:organizations::${local.account}:account/o-*/*"]
        Action = ["organizations:TagResource"]
      },
      local.may.tell,
    ]

    update-failed = [
      {
        Sid = "EndRequests", Resource = [local.table_arn]
        Action = [
          "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
        ]
      },
      local.may.tell,
      local.may.leave_dead_letters,
    ]
  }
}
