terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Tried with 5.100.0. The upgrade guide to version 6 names none of the resources used here.
      version = ">= 5.100, < 7.0"
    }
  }

  # Bucket, key and region are given at `terraform init` (backend.hcl.example).
  backend "s3" {}
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = merge({
      Project     = "account-factory"
      Environment = var.environment
      ManagedBy   = "terraform"
    }, var.tags)
  }
}
