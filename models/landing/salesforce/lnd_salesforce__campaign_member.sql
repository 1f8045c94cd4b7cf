-- One row per raw row of salesforce.campaign_member, set aside or not.
{{ landed_rows() }}
