output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.this.arn
}

output "stream_arn" {
  description = "ARN of the table's stream."
  value       = aws_dynamodb_table.this.stream_arn
}

output "deletion_protection" {
  description = "Whether the table refuses to be deleted."
  value       = aws_dynamodb_table.this.deletion_protection_enabled
}
