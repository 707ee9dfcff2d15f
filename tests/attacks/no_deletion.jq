# A rule over a plan's JSON as teams write them for Terraform's: nothing is
# deleted that is not made anew first. Prints the addresses that break it.
#
#   patform plan --format json | jq -r -f no_deletion.jq
.resource_changes[]
| select(.mode == "managed" and .type == "azuredevops_pat")
| select(.change.actions | index("delete") and (index("create") | not))
| select(has("deposed") | not)
| select(.change.after == null)
| .address
