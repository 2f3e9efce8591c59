# One function with everything that is its own: role, policy, log group and alarms. None ships without them.

locals {
  log_group     = "/aws/lambda/${var.name}"
  log_group_arn = "arn:${var.place.partition}:logs:${var.place.region}:${var.place.account}:log-group:${local.log_group}"

  own_statements = [
    {
      Sid       = "WriteOwnLog"
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = ["${local.log_group_arn}:*"]
      Condition = null
    },
    {
      # X-Ray has no resources to name (Service Authorization Reference, "Actions defined by AWS X-Ray").
      Sid       = "WriteTraces"
      Action    = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      Resource  = ["*"]
      Condition = null
    },
  ]

  # Written out here rather than by aws_iam_policy_document, so that a plan shows it and a test can read it.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in concat(local.own_statements, var.policy_statements) :
      merge({ Effect = "Allow" }, { for key, value in statement : key => value if value != null })
    ]
  })
}

resource "aws_iam_role" "this" {
  name        = var.name
  description = "What the function ${var.name} runs as."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.name
  policy = local.policy
}

# Before the function, which would otherwise make one of its own that keeps everything for ever.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts every group at rest. No token and no body is logged; a key of ours would silence the log whenever it is out of reach.
  name              = local.log_group
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:A limit is a decision of the account's owner, and a wrong one loses requests: variable lambda_reserved_concurrency.
  #checkov:skip=CKV_AWS_116:The dead-letter queue of Lambda itself knows no cause. Asynchronous failures go to an on-failure destination instead (stream, event-rule), and all others return to their caller.
  #checkov:skip=CKV_AWS_117:It calls public endpoints of AWS alone. A VPC would add NAT or endpoints, and nothing here is inside one.
  #checkov:skip=CKV_AWS_173:The environment holds names and addresses, no secret; Lambda encrypts it under its own key.
  #checkov:skip=CKV_AWS_272:Signing needs a profile of the organization's. The plan names each package's hash, and only the deploying principal may change the code.
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = var.package
  source_code_hash = fileexists(var.package) ? filebase64sha256(var.package) : null

  memory_size                    = var.memory_size
  timeout                        = var.timeout
  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = var.environment
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = var.log_level
    # Lambda's own lines: start, report, failures.
    system_log_level = "INFO"
  }

  tracing_config {
    mode = "Active"
  }

  lifecycle {
    precondition {
      condition     = fileexists(var.package)
      error_message = "There is no package ${var.package}. `cargo lambda build --release --arm64 --output-format zip` makes it, in target/lambda; the variable packages_dir says where it is looked for."
    }
  }

  # The first invocation finds its rights.
  depends_on = [aws_iam_role_policy.this]
}
