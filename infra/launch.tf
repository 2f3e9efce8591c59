# What a launch of the product "AWS Control Tower Account Factory" needs. Two parts: the calls that provision makes,
# and those that AWS makes in its name.

locals {
  products = "arn:${local.partition}:catalog:${local.here}:product/*"

  launch = [
    {
      # Which product it is, provision finds out by its name.
      Sid = "LaunchTheProduct", Resource = [local.products]
      Action = [
        "servicecatalog:ListProvisioningArtifacts", "servicecatalog:ListLaunchPaths", "servicecatalog:ProvisionProduct",
      ]
    },
    {
      # The first looks a product up by its name, which names no resource; the second has none.
      Sid    = "FindTheProduct", Resource = ["*"]
      Action = ["servicecatalog:DescribeProductAsAdmin", "servicecatalog:SearchProvisionedProducts"]
    },
    {
      # The part of the managed policy AWSServiceCatalogEndUserFullAccess that a launch uses: Service Catalog makes
      # the product's stack in the name of its caller.
      Sid = "MakeTheProductsStack", Resource = ["arn:${local.partition}:cloudformation:${local.here}:stack/SC-*"]
      Action = [
        "cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks", "cloudformation:SetStackPolicy", "cloudformation:TagResource",
      ]
    },
    {
      # On a template there is no stack to name yet.
      Sid    = "ReadTheProductsTemplate", Resource = ["*"]
      Action = ["cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate"]
    },
    {
      # AWS Control Tower user guide, "Account Factory", the permissions of an identity that provisions accounts by
      # programs, to the letter (beside the managed policy above); and "Permissions required for accounts", for the
      # two of Organizations that make an account. None of them has a resource.
      Sid = "MakeTheAccount", Resource = ["*"]
      Action = [
        "controltower:CreateManagedAccount", "controltower:DescribeManagedAccount",
        "controltower:DeregisterManagedAccount",
        "organizations:CreateAccount", "organizations:DescribeCreateAccountStatus",
        "organizations:DescribeOrganization",
        "sso:AssociateProfile", "sso:CreateApplicationInstance", "sso:CreateProfile", "sso:CreateTrust",
        "sso:DescribeRegisteredRegions", "sso:GetApplicationInstance", "sso:GetPeregrineStatus",
        "sso:GetPermissionSet", "sso:GetProfile", "sso:GetSSOStatus", "sso:GetTrust", "sso:ListDirectoryAssociations",
        "sso:ListPermissionSets", "sso:ListProfileAssociations", "sso:ProvisionApplicationInstanceForAWSAccount",
        "sso:ProvisionApplicationProfileForAWSAccountInstance", "sso:ProvisionSAMLProvider", "sso:UpdateProfile",
        "sso:UpdateTrust",
        "sso-directory:AddMemberToGroup", "sso-directory:CreateUser", "sso-directory:DescribeDirectory",
        "sso-directory:DescribeGroups", "sso-directory:GetUserPoolInfo", "sso-directory:ListMembersInGroup",
        "sso-directory:SearchGroups", "sso-directory:SearchGroupsWithGroupName", "sso-directory:SearchUsers",
      ]
    },
    {
      # From the same page, where it stands without a condition. The product's template is in a bucket of Control
      # Tower's that nobody names; provision itself reads no bucket, so only a service may, in its name.
      Sid       = "ReadTheProductsFiles", Resource = ["*"]
      Action    = ["s3:GetObject"]
      Condition = { Bool = { "aws:ViaAWSService" = ["true"] } }
    },
  ]
}

# Without it the product is "not found". provision alone needs it: it is the only one that asks for the product
# (launch paths, artifacts, the launch itself). What the others call, DescribeRecord, DescribeProvisionedProduct and
# SearchProvisionedProducts with AccessLevelFilter Account = self, goes by access level, not by portfolio.
resource "aws_servicecatalog_principal_portfolio_association" "provision" {
  count = var.account_factory_portfolio_id == "" ? 0 : 1

  portfolio_id   = var.account_factory_portfolio_id
  principal_arn  = module.function["provision"].role_arn
  principal_type = "IAM"
}
