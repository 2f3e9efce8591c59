output "topic_arn" {
  description = "Topic of the ends of requests."
  value       = aws_sns_topic.this["requests"].arn
}

output "alarm_topic_arn" {
  description = "Topic of the alarms."
  value       = aws_sns_topic.this["alarms"].arn
}

output "kms_key_arn" {
  description = "Key of the topics and of the dead-letter queue."
  value       = aws_kms_key.this.arn
}

output "key_rotation" {
  description = "Whether KMS replaces the key's material every year."
  value       = aws_kms_key.this.enable_key_rotation
}

output "key_policy" {
  description = "Who may use the key, as JSON."
  value       = local.key_policy
}

output "topic_keys" {
  description = "Key of each topic."
  value       = { for key, topic in aws_sns_topic.this : key => topic.kms_master_key_id }
}

output "topic_policies" {
  description = "Who may publish to each topic, as JSON."
  value       = { for key, policy in local.policies : key => jsonencode(policy) }
}

output "subscriptions" {
  description = "Each topic with each address that is subscribed to it."
  value       = keys(aws_sns_topic_subscription.email)
}
