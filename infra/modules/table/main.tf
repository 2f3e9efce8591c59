# The one table: accounts, requests, operations, claims and slots, each an item of its own. Key, index, stream and expiry
# are those that the functions rely on (crates/aws makes the same table for the fleet on one machine).

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:Encrypted under the account's own aws/dynamodb key, which CloudTrail records. A key of ours would let whoever may disable a key take every request away, and every role would need the key.
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "AccountEmail"
  range_key                   = "Record"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "AccountEmail"
    type = "S"
  }

  attribute {
    name = "Record"
    type = "S"
  }

  attribute {
    name = "Queue"
    type = "S"
  }

  attribute {
    name = "QueueOrder"
    type = "S"
  }

  # Sparse: a request carries Queue while it is open, and after its end while something is left to do. Keys alone, as
  # an index is eventually consistent: whoever finds a request here reads it in the table before it decides.
  global_secondary_index {
    name            = "QueueIndex"
    hash_key        = "Queue"
    range_key       = "QueueOrder"
    projection_type = "KEYS_ONLY"
  }

  # Only remembered responses carry it.
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
