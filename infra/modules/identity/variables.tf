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
  description = "Name of the user pool, and prefix of its clients' names."
  nullable    = false
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the user pool refuses to be deleted."
  nullable    = false
}

variable "domain_prefix" {
  type        = string
  description = "First part of the token endpoint's address, unique in the region."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix)) && !can(regex("aws|amazon|cognito", var.domain_prefix))
    error_message = "Cognito takes 1 to 63 lower-case letters, digits and hyphens, not at the ends, without the words aws, amazon and cognito."
  }
}

variable "dns_suffix" {
  type        = string
  description = "Domain behind the token endpoint, as in PREFIX.auth.REGION.amazoncognito.com."
  default     = "amazoncognito.com"
  nullable    = false
}

variable "mfa_configuration" {
  type        = string
  description = "Whether people must (ON), may (OPTIONAL) or cannot (OFF) use a second factor."
  nullable    = false
}

variable "access_token_minutes" {
  type        = number
  description = "Minutes for which an access token or an id token is good."
  nullable    = false
}

variable "refresh_token_hours" {
  type        = number
  description = "Hours after which people sign in again."
  nullable    = false
}

variable "machine_scopes" {
  type        = list(string)
  description = "What the machine client may ask for."
  nullable    = false
}
