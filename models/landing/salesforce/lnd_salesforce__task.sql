-- One row per raw row of salesforce.task, set aside or not.
{{ landed_rows() }}
