#include "controller/journal/history_chain.h"

#include <algorithm>

namespace holdfast {

Sha256Bytes HashOf(const Sha256Bytes& before, const HistoryRow& row) {
  Canonical bytes(1024);
  bytes.Add(BytesOf(before)).Add(row.id).Add(row.what).Add(row.epoch).Add(row.at);
  for (std::string_view text :
       {row.kind, row.name, row.verb, row.target, row.step_key, row.action, row.danger, row.why, row.revision,
        row.actor, row.plan_digest, row.meter, row.lease, row.puts_back, row.line})
    bytes.Add(text);
  bytes.Add(row.intent).Add(row.outcome).Add(row.detail).Add(row.receipt);
  return Sha256(bytes.bytes());
}

void BindHistoryRow(SqliteStatement& insert, const HistoryRow& row, const Sha256Bytes& hash) {
  insert.Bind(row.id).Bind(row.what).Bind(row.epoch).Bind(row.at);
  for (std::string_view text :
       {row.kind, row.name, row.verb, row.target, row.step_key, row.action, row.danger, row.why, row.revision,
        row.actor, row.plan_digest, row.meter, row.lease, row.puts_back, row.line})
    insert.Bind(text);
  insert.Bind(row.intent).Bind(row.outcome).Bind(row.detail).Bind(row.receipt).BindBytes(BytesOf(hash));
}

HistoryRow ReadHistoryRow(SqliteRow& from) {
  HistoryRow row;
  row.id = from.Integer();
  row.what = from.View();
  row.epoch = from.Integer();
  row.at = from.Integer();
  for (std::string_view* text :
       {&row.kind, &row.name, &row.verb, &row.target, &row.step_key, &row.action, &row.danger, &row.why,
        &row.revision, &row.actor, &row.plan_digest, &row.meter, &row.lease, &row.puts_back, &row.line})
    *text = from.View();
  row.intent = from.Integer();
  for (std::string_view* text : {&row.outcome, &row.detail, &row.receipt}) *text = from.View();
  return row;
}

ChainLink ReadLink(SqliteRow& from) {
  ChainLink link;
  link.id = from.Integer();
  const std::string_view hash = from.Bytes();
  if (hash.size() == link.hash.size())
    std::copy(hash.begin(), hash.end(), link.hash.begin());
  else
    from.Wrong("a hash is not 32 bytes");
  return link;
}

}  // namespace holdfast
