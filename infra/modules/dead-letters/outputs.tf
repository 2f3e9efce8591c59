output "arn" {
  description = "ARN of the queue. It is known only once its policy stands, so that who uses it may leave something there."
  value       = aws_sqs_queue.this.arn
  depends_on  = [aws_sqs_queue_policy.this]
}

output "url" {
  description = "URL of the queue."
  value       = aws_sqs_queue.this.id
}

output "name" {
  description = "Name of the queue."
  value       = aws_sqs_queue.this.name
}

output "kms_key" {
  description = "Key that encrypts the messages."
  value       = aws_sqs_queue.this.kms_master_key_id
}

output "alarms" {
  description = "The queue's alarm: name to description."
  value       = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => alarm.alarm_description }
}
