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

output "point_in_time_recovery" {
  description = "Whether the table can be restored to any second of the last 35 days."
  value       = one(aws_dynamodb_table.this.point_in_time_recovery).enabled
}

output "stream_view_type" {
  description = "What a record of the stream holds."
  value       = aws_dynamodb_table.this.stream_view_type
}

output "keys" {
  description = "Partition key and sort key of the table."
  value       = { hash = aws_dynamodb_table.this.hash_key, range = aws_dynamodb_table.this.range_key }
}

output "key_attributes" {
  description = "Type of each attribute that is a key of the table or of an index."
  value       = { for attribute in aws_dynamodb_table.this.attribute : attribute.name => attribute.type }
}

output "indexes" {
  description = "Each index: its keys, and what else it keeps of an item."
  value = {
    for index in aws_dynamodb_table.this.global_secondary_index :
    index.name => { hash = index.hash_key, range = index.range_key, projection = index.projection_type }
  }
}

output "ttl_attribute" {
  description = "Attribute by which items expire."
  value       = one(aws_dynamodb_table.this.ttl).attribute_name
}

output "encrypted_under_kms" {
  description = "Whether the table is encrypted under a key that the account sees."
  value       = one(aws_dynamodb_table.this.server_side_encryption).enabled
}
