# What each function may do: the calls it makes (crates/aws), on the resources it makes them on. "*" stands only
# where the Service Authorization Reference knows no resource for the action; tests/policies.tftest.hcl holds that.

locals {
  accounts_arn = "arn:${local.partition}:organizations::${local.account}:account/o-*/*"

  # What a function does with the items of the table. A transaction needs the right to each of its parts; a condition on
  # an item that it does not write is ConditionCheckItem.
  table_actions = {
    # Items are written whole, so UpdateItem is nobody's.
    api            = ["GetItem", "PutItem", "ConditionCheckItem", "Query"]
    authorizer     = []
    stream-trigger = ["GetItem", "PutItem", "DeleteItem", "ConditionCheckItem", "Query"]
    validate       = ["GetItem", "PutItem", "ConditionCheckItem"]
    # DeleteItem ends the pause of a pool.
    provision     = ["GetItem", "PutItem", "DeleteItem", "ConditionCheckItem"]
    check-status  = ["GetItem", "PutItem", "ConditionCheckItem"]
    update-status = ["GetItem", "PutItem", "DeleteItem"]
    update-failed = ["GetItem", "PutItem", "DeleteItem", "ConditionCheckItem"]
  }
  table_statements = {
    for function, actions in local.table_actions : function => [
      for statement in [
        {
          Sid    = "UseTheTable", Resource = [local.table_arn]
          Action = [for action in actions : "dynamodb:${action}"]
        },
        {
          Sid    = "ReadTheQueue", Resource = [local.index_arn]
          Action = [for action in actions : "dynamodb:${action}" if action == "Query"]
        },
      ] : statement if length(statement.Action) > 0
    ]
  }

  # Statements that more than one function needs.
  may = {
    list_accounts = {
      # Organizations has no resource for it.
      Sid    = "ListAccounts", Resource = ["*"]
      Action = ["organizations:ListAccounts"]
    }
    read_operations = {
      # Service Catalog has no resource for them. They need no membership of a portfolio: what they show is decided by
      # the access level, and these see every provisioned product of the account (AccessLevelFilter Account = self).
      Sid = "ReadOperations", Resource = ["*"]
      Action = [
        "servicecatalog:DescribeRecord", "servicecatalog:DescribeProvisionedProduct",
        "servicecatalog:SearchProvisionedProducts",
      ]
    }
    publish_ends = {
      Sid    = "PublishEnds", Resource = [local.topic_arn]
      Action = ["sns:Publish"]
    }
    leave_dead_letters = {
      Sid    = "LeaveDeadLetters", Resource = [local.queue_arn]
      Action = ["sqs:SendMessage"]
    }
  }

  # What a function needs beside the table.
  other_statements = {
    api = [
      # An operator's statement of an outcome is checked against the organization and the record.
      {
        # The account's id is whatever the operator states.
        Sid    = "CheckTheStatedAccount", Resource = [local.accounts_arn]
        Action = ["organizations:DescribeAccount"]
      },
      local.may.list_accounts,
      local.may.read_operations,
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
      {
        Sid    = "StartExecutions", Resource = [local.workflow_arn]
        Action = ["states:StartExecution"]
      },
      {
        # An execution is named after its request, which is not there yet.
        Sid    = "SeeWhichExecutionsEnded", Resource = [local.executions_arn]
        Action = ["states:DescribeExecution"]
      },
      # Looks for accounts that appear after an operator stated that there is none.
      local.may.list_accounts,
      local.may.read_operations,
      local.may.publish_ends,
      local.may.leave_dead_letters,
    ]

    validate = [
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

    provision = concat(local.launch, [local.may.list_accounts])

    check-status = [local.may.read_operations, local.may.list_accounts]

    update-status = [
      {
        Sid    = "TagAccounts", Resource = [local.accounts_arn]
        Action = ["organizations:TagResource"]
      },
      local.may.publish_ends,
    ]

    update-failed = [local.may.publish_ends, local.may.leave_dead_letters]
  }

  policies = {
    for function, statements in local.other_statements :
    function => concat(local.table_statements[function], statements)
  }
}
