# What `patform apply` needs: it writes secrets, and cannot read one.
path "secret/metadata/ado/*" {
  capabilities = ["create", "patch", "read", "list"]
}
path "secret/data/ado/*" {
  capabilities = ["create", "update", "patch"]
}
# The secrets of tokens that are revoked go, too, and with keep_versions what
# was superseded.
path "secret/destroy/ado/*" {
  capabilities = ["update"]
}
