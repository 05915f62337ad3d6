import { Migration } from '@mikro-orm/migrations';

export class Migration20261122192743 extends Migration {

  override name = 'Migration20261122192743';

  override up(): void | Promise<void> {
    this.addSql(`create table \`ai_models\` (\`id\` integer not null primary key autoincrement, \`model_name\` text not null, \`model_type\` text not null, \`model_version\` text not null, \`model_config\` json null, \`is_active\` integer not null, \`accuracy_score\` numeric(5,4) null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`data_hash\` text not null, \`file_hash\` text not null, \`metric_name\` text not null, \`metric_value\` double not null, \`baseline_name\` text not null, \`baseline_value\` double not null, \`limit_name\` text not null, \`limit_value\` double not null, \`sample_size\` integer not null, \`beats_baseline\` integer not null, \`card\` json not null, \`registered_at\` datetime not null);`);
    this.addSql(`create unique index \`uniq_model_file\` on \`ai_models\` (\`model_name\`, \`model_version\`, \`file_hash\`);`);

    this.addSql(`create table \`ai_predictions\` (\`id\` integer not null primary key autoincrement, \`model_id\` integer not null, \`tenant_id\` integer null, \`user_id\` integer null, \`guild_id\` integer null, \`subject\` text not null, \`fixture_id\` integer not null, \`slot\` integer not null, \`starts_at\` datetime not null, \`basis\` text not null, \`input_data\` json not null, \`prediction_result\` json not null, \`home_probability\` double not null, \`draw_probability\` double not null, \`away_probability\` double not null, \`home_bin\` integer not null, \`draw_bin\` integer not null, \`away_bin\` integer not null, \`expected_home_goals\` double not null, \`expected_away_goals\` double not null, \`confidence_score\` numeric(5,4) not null, \`confidence_bucket\` integer not null, \`is_hindsight\` integer not null, \`is_simulated\` integer not null, \`created_at\` datetime not null, \`actual_result\` json null, \`outcome\` text null, \`accuracy_score\` numeric(5,4) null, \`is_hit\` integer null, \`log_loss\` double null, \`rps\` double null, \`brier\` double null, \`is_final\` integer not null, \`settled_at\` datetime null, \`result_version\` integer null);`);
    this.addSql(`create index \`idx_model_time\` on \`ai_predictions\` (\`model_id\`, \`created_at\`);`);
    this.addSql(`create index \`idx_prediction_fixture\` on \`ai_predictions\` (\`fixture_id\`, \`slot\`);`);
    this.addSql(`create index \`idx_prediction_scored\` on \`ai_predictions\` (\`model_id\`, \`is_final\`);`);
    this.addSql(`create index \`idx_prediction_age\` on \`ai_predictions\` (\`is_simulated\`, \`created_at\`);`);
    this.addSql(`create unique index \`uniq_prediction_slot\` on \`ai_predictions\` (\`model_id\`, \`fixture_id\`, \`slot\`);`);

    this.addSql(`create table \`nlp_conversations\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer null, \`user_id\` integer not null, \`conversation_id\` text not null, \`message_type\` text not null, \`message_content\` text not null, \`response_generated\` text null, \`entities_extracted\` text null, \`intent_recognized\` text null, \`confidence_score\` numeric(5,4) null, \`timestamp\` datetime not null, \`retention_until\` datetime not null);`);
    this.addSql(`create index \`idx_conversation_time\` on \`nlp_conversations\` (\`conversation_id\`, \`timestamp\`);`);
    this.addSql(`create index \`idx_conversation_person\` on \`nlp_conversations\` (\`user_id\`, \`id\`);`);
    this.addSql(`create index \`idx_conversation_retention\` on \`nlp_conversations\` (\`retention_until\`, \`id\`);`);

    this.addSql(`create table \`events\` (\`id\` integer not null primary key autoincrement, \`topic\` text not null, \`seq\` bigint not null, \`type\` text not null, \`payload\` json not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`events_topic_seq_unique\` on \`events\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` text not null primary key, \`epoch\` text not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null);`);

    this.addSql(`create table \`guild_tenants\` (\`id\` integer not null primary key autoincrement, \`guild_id\` integer not null, \`tenant_id\` integer not null, \`enterprise_features\` integer not null default false, \`compliance_mode\` integer not null default false, \`audit_logging\` integer not null default false);`);
    this.addSql(`create unique index \`guild_tenants_guild_id_unique\` on \`guild_tenants\` (\`guild_id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` integer not null primary key autoincrement, \`caller\` text not null, \`idempotency_key\` text not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`inbox_caller_idempotency_key_unique\` on \`inbox\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` integer not null primary key autoincrement, \`kind\` text not null, \`payload\` json not null, \`status\` text not null, \`run_at\` datetime not null, \`lease_until\` datetime null, \`lease_owner\` text null, \`attempts\` integer not null, \`max_attempts\` integer not null, \`last_error\` text null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` integer not null, \`unique_key\` text null, \`created_at\` datetime not null, \`finished_at\` datetime null);`);
    this.addSql(`create unique index \`jobs_unique_key_unique\` on \`jobs\` (\`unique_key\`);`);
    this.addSql(`create index \`jobs_status_run_at_index\` on \`jobs\` (\`status\`, \`run_at\`);`);
    this.addSql(`create index \`jobs_status_lease_until_index\` on \`jobs\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`match_results\` (\`id\` integer not null primary key autoincrement, \`fixture_id\` integer not null, \`competition\` text not null, \`home\` text not null, \`away\` text not null, \`home_goals\` integer null, \`away_goals\` integer null, \`played_at\` datetime not null, \`is_simulated\` integer not null, \`is_rated\` integer not null, \`result_version\` integer not null, \`is_scoring_due\` integer not null, \`updated_at\` datetime not null);`);
    this.addSql(`create unique index \`match_results_fixture_id_unique\` on \`match_results\` (\`fixture_id\`);`);
    this.addSql(`create index \`idx_result_rated\` on \`match_results\` (\`is_rated\`, \`played_at\`, \`id\`);`);
    this.addSql(`create index \`idx_result_change\` on \`match_results\` (\`is_rated\`, \`updated_at\`, \`id\`);`);
    this.addSql(`create index \`idx_result_unscored\` on \`match_results\` (\`is_scoring_due\`, \`id\`);`);
    this.addSql(`create index \`idx_result_age\` on \`match_results\` (\`is_simulated\`, \`updated_at\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` integer not null primary key, \`passed\` bigint not null);`);

    this.addSql(`create table \`outbox\` (\`id\` integer not null primary key autoincrement, \`receiver\` text not null, \`kind\` text not null, \`aggregate\` text not null, \`idempotency_key\` text not null, \`payload\` text not null, \`at\` datetime not null, \`sent_at\` datetime null, \`attempts\` integer not null, \`next_try_at\` datetime not null, \`last_error\` text null);`);
    this.addSql(`create index \`outbox_receiver_sent_at_id_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`create index \`outbox_receiver_sent_at_next_try_at_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`create unique index \`outbox_receiver_idempotency_key_unique\` on \`outbox\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`person_keys\` (\`person_id\` text not null primary key, \`key_version\` integer not null, \`wrapped_key\` text null);`);
    this.addSql(`create index \`person_keys_key_version_person_id_index\` on \`person_keys\` (\`key_version\`, \`person_id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`ai_models\`;`);
    this.addSql(`drop table if exists \`ai_predictions\`;`);
    this.addSql(`drop table if exists \`nlp_conversations\`;`);
    this.addSql(`drop table if exists \`events\`;`);
    this.addSql(`drop table if exists \`event_topics\`;`);
    this.addSql(`drop table if exists \`guild_tenants\`;`);
    this.addSql(`drop table if exists \`inbox\`;`);
    this.addSql(`drop table if exists \`jobs\`;`);
    this.addSql(`drop table if exists \`match_results\`;`);
    this.addSql(`drop table if exists \`outbox_lanes\`;`);
    this.addSql(`drop table if exists \`outbox\`;`);
    this.addSql(`drop table if exists \`person_keys\`;`);
  }

}
