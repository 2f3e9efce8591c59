# Two topics: what becomes of requests, for whoever follows them, and alarms, for whoever operates the fleet.
# One key of ours encrypts both and the dead-letter queue: CloudWatch cannot publish to a topic that is encrypted
# under the key of AWS (alias/aws/sns), whose policy nobody can change.

locals {
  partition = var.place.partition
  account   = var.place.account
  region    = var.place.region
  prefix    = "arn:${local.partition}:sns:${local.region}:${local.account}"

  topics = {
    requests = { description = "what becomes of requests", arn = "${local.prefix}:${var.name}-requests" }
    alarms   = { description = "alarms", arn = "${local.prefix}:${var.name}-alarms" }
  }

  only_over_tls = {
    for key, topic in local.topics : key => {
      Sid       = "OnlyOverTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sns:Publish"
      Resource  = topic.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }

  # The functions publish by their own roles; an alarm has none.
  alarms_publish = {
    Sid       = "AlarmsPublish"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = local.topics.alarms.arn
    Condition = {
      StringEquals = { "aws:SourceAccount" = local.account }
      ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.name}-*" }
    }
  }

  policies = {
    requests = [local.only_over_tls.requests]
    alarms   = [local.only_over_tls.alarms, local.alarms_publish]
  }

  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Without it nobody could ever change the key again.
        Sid       = "TheAccountAdministersTheKey"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "FunctionsPublishAndLeaveDeadLetters"
        Effect    = "Allow"
        Principal = { AWS = var.sender_role_arns }
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["sns.${local.region}.${var.place.dns_suffix}", "sqs.${local.region}.${var.place.dns_suffix}"]
          }
        }
      },
      {
        Sid       = "AlarmsPublish"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        # EventBridge gives KMS neither SourceAccount nor SourceArn (Amazon SNS developer guide, "Enable
        # compatibility between event sources from AWS services and encrypted topics"); the queue is named by the
        # encryption context that SQS sets.
        Sid       = "RulesLeaveDeadLetters"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:EncryptionContext:aws:sqs:arn" = var.dead_letter_queue_arn } }
      },
    ]
  })
}

resource "aws_kms_key" "this" {
  description             = "Topics and dead-letter queue of ${var.name}."
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_window_days
  policy                  = local.key_policy
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic" "this" {
  for_each = local.topics

  name              = "${var.name}-${each.key}"
  display_name      = "${var.name}: ${each.value.description}"
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.policies

  arn    = aws_sns_topic.this[each.key].arn
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for pair in setproduct(keys(local.topics), var.emails) : "${pair[0]} ${pair[1]}" => pair }

  topic_arn = aws_sns_topic.this[each.value[0]].arn
  protocol  = "email"
  endpoint  = each.value[1]
}
