output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "issuer" {
  description = "What tokens name as their issuer."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "user_pool_client_id" {
  description = "Client by which people sign in."
  value       = aws_cognito_user_pool_client.people.id
}

output "machine_client_id" {
  description = "Client by which machines get tokens."
  value       = aws_cloudformation_stack.machine_client.outputs["ClientId"]
}

output "token_endpoint" {
  description = "Where machines get tokens."
  value       = "https://${aws_cognito_user_pool_domain.this.domain}.auth.${var.place.region}.${var.dns_suffix}/oauth2/token"
}

output "deletion_protection" {
  description = "Whether the user pool refuses to be deleted."
  value       = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
}

output "password_policy" {
  description = "Which passwords the pool takes."
  value       = one(aws_cognito_user_pool.this.password_policy)
}

output "second_factors" {
  description = "How many second factors the pool knows."
  value       = length(aws_cognito_user_pool.this.software_token_mfa_configuration)
}

output "self_sign_up" {
  description = "Whether anybody can make a user."
  value       = !one(aws_cognito_user_pool.this.admin_create_user_config).allow_admin_create_user_only
}

output "groups" {
  description = "The groups of people."
  value       = keys(aws_cognito_user_group.this)
}

output "people_client" {
  description = "How people sign in."
  value = {
    auth_flows           = aws_cognito_user_pool_client.people.explicit_auth_flows
    generates_secret     = aws_cognito_user_pool_client.people.generate_secret
    access_token_minutes = aws_cognito_user_pool_client.people.access_token_validity
    hides_unknown_users  = aws_cognito_user_pool_client.people.prevent_user_existence_errors == "ENABLED"
    revokes_tokens       = aws_cognito_user_pool_client.people.enable_token_revocation
  }
}

output "machine_client_properties" {
  description = "How machines get tokens."
  value       = jsondecode(aws_cloudformation_stack.machine_client.template_body).Resources.Client.Properties
}
