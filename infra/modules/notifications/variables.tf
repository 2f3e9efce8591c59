variable "place" {
  type = object({
    partition  = string
    account    = string
    region     = string
    dns_suffix = string
  })
  description = "Where the fleet is: partition, account, region, and the domain behind the partition's services."
  nullable    = false
}

variable "name" {
  type        = string
  description = "Prefix of the topics' names, and the name of the key's alias."
  nullable    = false
}

variable "emails" {
  type        = set(string)
  description = "Addresses that are subscribed to both topics, once they have confirmed."
  nullable    = false
}

variable "sender_role_arns" {
  type        = list(string)
  description = "Roles that publish to the topics or leave messages in the dead-letter queue."
  nullable    = false
}

variable "dead_letter_queue_arn" {
  type        = string
  description = "Queue that EventBridge leaves events in, encrypted under the key."
  nullable    = false
}

variable "key_deletion_window_days" {
  type        = number
  description = "Days for which a deleted key can be brought back."
  nullable    = false
}
