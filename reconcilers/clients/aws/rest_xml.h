// Requests to S3: a path, a sub-resource and an XML document.
#pragma once

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "reconcilers/clients/aws/encode.h"

namespace holdfast::aws {

// `parameters` as `aws s3api` takes them: {"Bucket": …, "VersioningConfiguration": {…}}.
Result<Encoded> EncodeRestXml(const Operation& operation, const json::value& parameters);

// A number, a text or a truth value as XML and forms write it.
std::string ScalarText(const json::value& value);

}  // namespace holdfast::aws
