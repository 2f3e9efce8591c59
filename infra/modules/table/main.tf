# The table of the requests, with the key, the indexes, the stream and the expiry that the functions rely on
# (crates/aws/src/requests/schema.rs makes the same one for the fleet on one machine).

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:Encrypted under the account's own aws/dynamodb key, which CloudTrail records. A key of ours would let whoever may disable a key take every request away, and every role would need the key.
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "AccountEmail"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "AccountEmail"
    type = "S"
  }

  attribute {
    name = "AccountId"
    type = "S"
  }

  attribute {
    name = "Status"
    type = "S"
  }

  attribute {
    name = "CreatedAt"
    type = "S"
  }

  global_secondary_index {
    name            = "AccountIdIndex"
    hash_key        = "AccountId"
    projection_type = "ALL"
  }

  global_secondary_index {
    name               = "StatusIndex"
    hash_key           = "Status"
    range_key          = "CreatedAt"
    projection_type    = "INCLUDE"
    non_key_attributes = ["RequestID", "SeenAt", "BegunAt"]
  }

  # Only remembered idempotency keys carry it.
  ttl {
    attribute_name = "ExpiresAt"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  # With the AWS managed key aws/dynamodb instead of the default, a key that AWS owns and nobody sees.
  server_side_encryption {
    enabled = true
  }
}
