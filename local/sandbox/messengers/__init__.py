"""Stand-ins of DingTalk, Feishu and Aliyun's short messages: they verify, limit and refuse as the real ones do."""
