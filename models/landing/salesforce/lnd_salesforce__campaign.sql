-- One row per raw row of salesforce.campaign, set aside or not.
{{ landed_rows() }}
