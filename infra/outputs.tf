locals {
  api_endpoint  = var.custom_domain_name == "" ? module.api.endpoint : module.custom_domain[0].endpoint
  dashboard_url = "https://${var.aws_region}.console.aws.amazon.com/cloudwatch/home?region=${var.aws_region}#dashboards:name=${module.observability.dashboard_name}"
}

output "api_endpoint" {
  description = "Address of the API, under its own name where there is one."
  value       = local.api_endpoint
}

output "api_id" {
  description = "Id of the API."
  value       = module.api.id
}

output "custom_domain_target" {
  description = "What the custom domain has to point to, where the record is made elsewhere."
  value       = one(module.custom_domain[*].target_domain_name)
}

output "user_pool_id" {
  description = "User pool of the people who call the API."
  value       = module.identity.user_pool_id
}

output "user_pool_client_id" {
  description = "Client by which people sign in (SRP, or ADMIN_USER_PASSWORD_AUTH by an operator); it has no secret."
  value       = module.identity.user_pool_client_id
}

output "machine_client_id" {
  description = "Client by which machines get tokens (client_credentials). Its secret: aws cognito-idp describe-user-pool-client."
  value       = module.identity.machine_client_id
}

output "token_endpoint" {
  description = "Where machines get tokens."
  value       = module.identity.token_endpoint
}

output "table_name" {
  description = "Table of accounts and requests."
  value       = module.table.name
}

output "state_machine_arn" {
  description = "State machine whose executions run the steps of requests."
  value       = module.workflow.arn
}

output "topic_arn" {
  description = "Topic of the ends of requests."
  value       = module.notifications.topic_arn
}

output "alarm_topic_arn" {
  description = "Topic of the alarms."
  value       = module.notifications.alarm_topic_arn
}

output "dead_letter_queue_url" {
  description = "Queue of what could not be delivered."
  value       = module.dead_letters.url
}

output "dashboard_name" {
  description = "Dashboard in CloudWatch."
  value       = module.observability.dashboard_name
}

output "dashboard_url" {
  description = "Address of the dashboard."
  value       = local.dashboard_url
}

output "function_names" {
  description = "Full name of each function, by its short name."
  value       = { for key, function in module.function : key => function.name }
}

output "provision_role_arn" {
  description = "Role that has to be a principal of the Account Factory portfolio."
  value       = module.function["provision"].role_arn
}

output "alarm_names" {
  description = "Every alarm. What follows the prefix is its entry in docs/runbook.md."
  value       = sort(keys(local.alarms))
}

output "summary" {
  description = "What was deployed, for people."
  value       = <<-TEXT
    ${local.name} in ${var.aws_region}, account ${local.account}
    API            ${local.api_endpoint}
    User pool      ${module.identity.user_pool_id}, people's client ${module.identity.user_pool_client_id}
    Machines       ${module.identity.token_endpoint}, client ${module.identity.machine_client_id}
    Table          ${module.table.name}
    Workflow       ${module.workflow.arn}
    Notifications  ${module.notifications.topic_arn}
    Dead letters   ${module.dead_letters.url}
    Dashboard      ${local.dashboard_url}
    Alarms         ${length(local.alarms)}${var.account_factory_portfolio_id == "" ? "\nThe Account Factory portfolio is not associated: no account can be made on AWS before ${module.function["provision"].role_arn} is one of its principals (account_factory_portfolio_id)." : ""}
  TEXT
}

locals {
  alarms = merge(
    module.dead_letters.alarms,
    module.observability.alarms,
    module.stream.alarms,
    module.workflow.alarms,
    [for function in module.function : function.alarms]...
  )
}
