# What `patform plan` needs: records, and no secret.
path "secret/metadata/ado/*" {
  capabilities = ["read", "list"]
}
