output "id" {
  description = "Id of the event source mapping."
  value       = aws_lambda_event_source_mapping.this.id
}

output "dead_letter_queue_arn" {
  description = "Queue that gets the records that failed for good."
  value       = one(one(aws_lambda_event_source_mapping.this.destination_config).on_failure).destination_arn
}

output "retries" {
  description = "How a record that fails is treated."
  value = {
    retry_attempts     = aws_lambda_event_source_mapping.this.maximum_retry_attempts
    record_age_seconds = aws_lambda_event_source_mapping.this.maximum_record_age_in_seconds
    bisects            = aws_lambda_event_source_mapping.this.bisect_batch_on_function_error
    response_types     = aws_lambda_event_source_mapping.this.function_response_types
  }
}

output "filters" {
  description = "Which records invoke the function, as JSON."
  value       = [for filter in one(aws_lambda_event_source_mapping.this.filter_criteria).filter : filter.pattern]
}

output "alarms" {
  description = "The alarm: name to description."
  value       = { for alarm in aws_cloudwatch_metric_alarm.lag : alarm.alarm_name => alarm.alarm_description }
}
