data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name              = "account-factory-${var.environment}"
  metrics_namespace = "AccountFactory/${var.environment}"

  place = {
    partition  = data.aws_partition.current.partition
    account    = data.aws_caller_identity.current.account_id
    region     = var.aws_region
    dns_suffix = data.aws_partition.current.dns_suffix
  }
  partition = local.place.partition
  account   = local.place.account

  # No other environment may lose its requests or its users to a slip.
  deletion_protection = coalesce(var.deletion_protection, !contains(["dev", "test"], var.environment))

  # ARNs made of names. A plan then shows every policy in full before anything exists, and functions and state machine,
  # which name each other, do not wait for each other.
  here            = "${var.aws_region}:${local.account}"
  table_arn       = "arn:${local.partition}:dynamodb:${local.here}:table/${local.table_name}"
  index_arn       = "${local.table_arn}/index/QueueIndex"
  queue_arn       = "arn:${local.partition}:sqs:${local.here}:${local.name}-dead-letters"
  topic_arn       = "arn:${local.partition}:sns:${local.here}:${local.name}-requests"
  workflow_arn    = "arn:${local.partition}:states:${local.here}:stateMachine:${local.name}"
  executions_arn  = "arn:${local.partition}:states:${local.here}:execution:${local.name}:*"
  function_prefix = "arn:${local.partition}:lambda:${local.here}:function:${local.name}"
  rule_prefix     = "arn:${local.partition}:events:${local.here}:rule/${local.name}"

  table_name = "${local.name}-accounts"

  # Which records of the table's stream invoke stream-trigger. The fleet on one machine reads the same file.
  stream_filters = jsondecode(file("${path.module}/stream-filters.json"))

  # How long a signed request to AWS stays valid at most: 15 minutes. An attempt that got no answer can arrive for as
  # long as its function runs, and that much longer.
  attempt_expiry_seconds = var.lambda_timeout + 900

  # The functions that the state machine names.
  workflow_functions = ["validate", "provision", "check-status", "update-status", "update-failed"]
}
