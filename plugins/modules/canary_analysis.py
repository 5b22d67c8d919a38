#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: canary_analysis
short_description: Evaluate a new version with Prometheus metrics
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Queries Prometheus at regular intervals, compares the values with limits and with a baseline, and returns a verdict.
  - The module changes nothing. The task succeeds regardless of the verdict. Use RV(verdict) to decide what to do next.
  - Each query is evaluated once before the first sample. The task fails if Prometheus rejects a query or the credentials,
    or if O(prometheus_url) is not the URL of Prometheus.
  - Each query must return a single number, that is, a scalar or one series. Use functions such as C(sum) to combine several series.
extends_documentation_fragment:
  - community.huaweicloud.prometheus
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.info_module
options:
  metrics:
    description:
      - The metrics to evaluate. Each of them requires at least one limit.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the metric. It must be unique.
        type: str
        required: true
      query:
        description:
          - PromQL query of the new version. C($window) is replaced by O(metrics[].window).
          - For an instant vector, Prometheus returns the time of the query as the timestamp, although the value can be up to five minutes old. To notice that
            a target is no longer scraped, use a range such as C(rate(...[$window])), or C(and (time() - timestamp(...) < 60)).
        type: str
        required: true
      query_type:
        description:
          - V(instant) evaluates O(metrics[].query) and O(metrics[].baseline_query) once for each sample.
          - V(range) evaluates them at each O(scrape_interval) of the last O(metrics[].window), and uses the newest value.
        type: str
        choices: [instant, range]
        default: instant
      min:
        description: Minimum value.
        type: float
      max:
        description: Maximum value.
        type: float
      baseline_query:
        description: PromQL query of the original version. It requires O(metrics[].max_ratio) or O(metrics[].max_difference).
        type: str
      max_ratio:
        description:
          - Maximum value as a multiple of the baseline, for example V(1.2).
          - With a baseline of 0, only O(metrics[].max_difference) applies. Without that, the sample is inconclusive.
        type: float
      max_difference:
        description: Maximum difference by which the value can exceed the baseline.
        type: float
      requests_query:
        description:
          - PromQL query of the number of requests to the new version, for example C(sum(increase(requests_total[$window]))).
          - An empty result means no requests.
        type: str
      min_requests:
        description:
          - Minimum result of O(metrics[].requests_query). With fewer requests, the sample has no data.
        type: float
      baseline_requests_query:
        description: PromQL query of the number of requests to the original version.
        type: str
      baseline_min_requests:
        description:
          - Minimum result of O(metrics[].baseline_requests_query). With fewer requests, the limits relative to the baseline do not apply.
            If the metric has no other limits, the sample has no data.
        type: float
      empty_value:
        description:
          - Value to use if the result of O(metrics[].query) is empty although there are at least O(metrics[].min_requests) requests.
          - For example, the ratio of errors is empty, and not 0, until the first error occurs. The value of O(metrics[].baseline_query) is
            replaced in the same way if O(metrics[].baseline_min_requests) is reached.
          - It does not replace NaN.
        type: float
      window:
        description:
          - Time range that the queries read, for example V(2m). It replaces C($window) in all queries of the metric.
          - Required if O(metrics[].query_type=range).
        type: str
      on_no_data:
        description:
          - How to treat a sample without data. A sample has no data if a result is empty or NaN, or if there are too few requests.
          - V(hold) takes another sample later. If there are still too few samples with data, the metric is inconclusive.
            V(fail) and V(pass) count the sample as failed or passed.
          - It does not apply to infinite values, several series, failed requests, or results with warnings.
        type: str
        choices: [hold, fail, pass]
        default: hold
  samples:
    description:
      - Required number of valid samples of each metric, from 1 to 1000.
      - A sample is not valid if it has no data, if its value is too old or has the timestamp of the previous one, or if a request failed. At most twice
        this number of samples are taken.
    type: int
    default: 5
  interval:
    description:
      - Duration between two samples. It must not be shorter than O(scrape_interval).
    type: str
    default: 1m
  initial_delay:
    description:
      - Duration before the first sample. It must not be shorter than the time range that the queries read, so that they only
        read values of the new version.
      - The default is the longest range of the queries, plus O(propagation_seconds), plus twice O(scrape_interval).
    type: str
  failure_limit:
    description:
      - Maximum number of failed samples of a metric. It must be smaller than O(samples). The analysis ends when more samples have failed.
    type: int
    default: 0
  max_sample_age:
    description:
      - Maximum age of a value at the time of the query. Samples with older values are not valid.
      - The default is twice O(scrape_interval).
    type: str
  scrape_interval:
    description:
      - Duration between two scrapes of Prometheus, as in its configuration.
    type: str
    default: 30s
  propagation_seconds:
    description:
      - Time until the proxies of the mesh have received a change of the routes, in seconds.
    type: float
    default: 10
  compare_baseline:
    description:
      - Whether to compare with the baseline. Set it to V(false) if the original version has no traffic, and therefore no current values.
      - With V(false), metrics that have only limits relative to a baseline are not evaluated.
    type: bool
    default: true
notes:
  - A duration is a number of seconds, or text with units, for example V(30s), V(5m), V(1h30m) or V(2h).
"""

EXAMPLES = r"""
- name: Evaluate the new version
  community.huaweicloud.canary_analysis:
    prometheus_url: https://prometheus.example.com:9090
    prometheus_token: "{{ prometheus_token }}"
    metrics:
      - name: error-ratio
        query: >-
          sum(rate(istio_requests_total{destination_service_name="reviews", destination_version="v2", response_code=~"5.."}[$window]))
          / sum(rate(istio_requests_total{destination_service_name="reviews", destination_version="v2"}[$window]))
        max: 0.01
        requests_query: sum(increase(istio_requests_total{destination_service_name="reviews", destination_version="v2"}[$window]))
        min_requests: 100
        empty_value: 0
        window: 2m
    samples: 5
    interval: 1m
    failure_limit: 1
  register: analysis

- name: Stop unless the new version has passed
  ansible.builtin.assert:
    that: analysis.verdict == 'passed'
    fail_msg: "{{ analysis.reason }}"

- name: Compare the latency with that of the original version
  community.huaweicloud.canary_analysis:
    prometheus_url: https://prometheus.example.com:9090
    prometheus_username: canary
    prometheus_password: "{{ prometheus_password }}"
    prometheus_ca_path: /etc/ssl/certs/example.pem
    prometheus_validate_certs: true
    metrics:
      - name: latency
        query: histogram_quantile(0.95, sum by (le) (rate(request_seconds_bucket{version="v2"}[$window])))
        query_type: range
        window: 2m
        min: 0
        max: 2.5
        baseline_query: histogram_quantile(0.95, sum by (le) (rate(request_seconds_bucket{version="v1"}[$window])))
        max_ratio: 1.2
        max_difference: 0.2
        baseline_requests_query: sum(increase(requests_total{version="v1"}[$window]))
        baseline_min_requests: 100
        on_no_data: hold
    samples: 3
    interval: 30s
    initial_delay: 5m
    max_sample_age: 1m
    scrape_interval: 15s
    propagation_seconds: 5
    compare_baseline: true
"""

RETURN = r"""
verdict:
  description:
    - V(failed) if a metric has failed, V(inconclusive) if a metric is inconclusive or none was evaluated, and V(passed) otherwise.
  returned: success
  type: str
  sample: failed
reason:
  description: Reason for the verdict, as a sentence.
  returned: success
  type: str
  sample: "Metric 'error-ratio': 0.031 is above max 0.01."
metrics:
  description: The metrics in the order of the option.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the metric.
      type: str
      sample: error-ratio
    verdict:
      description:
        - V(passed), V(failed) or V(inconclusive), or V(skipped) if O(compare_baseline=false) and the metric has only limits relative to a baseline.
        - If another metric has failed before, the metric can be inconclusive because it has too few samples.
      type: str
      sample: failed
    reason:
      description:
        - Reason code of the decisive sample, see RV(metrics[].samples[].reason).
        - V(no_sample) without a sample, and V(no_baseline) if the metric was skipped.
      type: str
      sample: above_max
    message:
      description: The reason as text.
      type: str
      sample: 0.031 is above max 0.01
    samples:
      description: The samples in the order in which they were taken.
      type: list
      elements: dict
      contains:
        time:
          description: Time of the value. Without a value, it is the time of the query.
          type: str
          sample: "2026-03-01T12:00:00.000Z"
        value:
          description: The value. V(null) without a value, or if it is not finite.
          type: float
          sample: 0.031
        baseline:
          description: The value of the baseline. V(null) without a value, or if it is not finite.
          type: float
          sample: 0.004
        requests:
          description: The number of requests. V(null) if it is unknown.
          type: float
          sample: 240.0
        verdict:
          description: V(passed), V(failed), or V(inconclusive) if the sample does not count.
          type: str
          sample: failed
        reason:
          description:
            - V(within_limits), V(below_min), V(above_max), V(above_max_ratio) or V(above_max_difference) for a value that was compared.
            - V(empty_result), V(nan) or V(too_few_requests) if the result contains no data.
            - V(infinite), V(several_series), V(not_a_number) or V(warnings) if the result cannot be compared. An infinite value has failed if the metric has a
              limit in that direction.
            - V(stale) if the value is older than O(max_sample_age), and V(repeated_timestamp) if it has the time of the previous one.
            - V(baseline_zero) if the baseline is not greater than 0, which requires O(metrics[].max_difference).
            - V(query_rejected) (400), V(query_failed) (422), V(unavailable) (503), V(server_error), V(unauthorized), V(throttled), V(not_prometheus) or
              V(unreachable) if a request failed. V(not_prometheus) is a redirect, an HTML page, or another response that is not from Prometheus.
            - The reasons of the other queries begin with C(baseline_), C(requests_) or C(baseline_requests_), for example V(baseline_empty_result).
              The names of failed requests are the same for all queries.
          type: str
          sample: above_max
        message:
          description: The reason as text.
          type: str
          sample: 0.031 is above max 0.01
error:
  description:
    - The error of the task.
  returned: failure
  type: dict
  contains:
    kind:
      description: Kind of the error, for example V(options), V(library), or one of the reasons of RV(metrics[].samples[].reason) for a failed request.
      type: str
      sample: query_rejected
    status:
      description: HTTP status of the response, if there was one.
      type: int
      sample: 400
    code:
      description: Error code of the service. This is the type of the error in the response of Prometheus.
      type: str
      sample: bad_data
    message:
      description: The error message of the service or of the module.
      type: str
      sample: "query of metric 'error-ratio': Failed to query Prometheus at https://prometheus.example.com:9090: HTTP status 400: bad_data: parse error"
    request_id:
      description: ID of the request that failed. V(null) if no server in front of Prometheus has set one.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
    method:
      description: HTTP method of that request.
      type: str
      sample: GET
    path:
      description: Path of that request. It is relative to O(prometheus_url).
      type: str
      sample: /api/v1/query
    attempts:
      description: Number of attempts.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: Correct the query. The Query page of Prometheus shows the same error.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._module import StandaloneTask, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.runner import (
    ARGUMENTS,
    run,
    validate_options,
)

TASK = StandaloneTask(ARGUMENTS, validate_options, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
