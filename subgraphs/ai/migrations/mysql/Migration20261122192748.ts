import { Migration } from '@mikro-orm/migrations';

export class Migration20261122192748 extends Migration {

  override name = 'Migration20261122192748';

  override up(): void | Promise<void> {
    this.addSql(`create table \`ai_models\` (\`id\` bigint not null auto_increment primary key, \`model_name\` varchar(100) not null, \`model_type\` varchar(50) not null, \`model_version\` varchar(50) not null, \`model_config\` json null, \`is_active\` tinyint(1) not null, \`accuracy_score\` numeric(5,4) null, \`created_at\` datetime(3) not null, \`updated_at\` datetime(3) not null, \`data_hash\` varchar(64) not null, \`file_hash\` varchar(64) not null, \`metric_name\` varchar(40) not null, \`metric_value\` double not null, \`baseline_name\` varchar(40) not null, \`baseline_value\` double not null, \`limit_name\` varchar(40) not null, \`limit_value\` double not null, \`sample_size\` int not null, \`beats_baseline\` tinyint(1) not null, \`card\` json not null, \`registered_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`ai_models\` add unique \`uniq_model_file\` (\`model_name\`, \`model_version\`, \`file_hash\`);`);

    this.addSql(`create table \`ai_predictions\` (\`id\` bigint not null auto_increment primary key, \`model_id\` bigint not null, \`tenant_id\` bigint null, \`user_id\` bigint null, \`guild_id\` bigint null, \`subject\` varchar(40) not null, \`fixture_id\` bigint not null, \`slot\` int not null, \`starts_at\` datetime(3) not null, \`basis\` varchar(10) not null, \`input_data\` json not null, \`prediction_result\` json not null, \`home_probability\` double not null, \`draw_probability\` double not null, \`away_probability\` double not null, \`home_bin\` int not null, \`draw_bin\` int not null, \`away_bin\` int not null, \`expected_home_goals\` double not null, \`expected_away_goals\` double not null, \`confidence_score\` numeric(5,4) not null, \`confidence_bucket\` int not null, \`is_hindsight\` tinyint(1) not null, \`is_simulated\` tinyint(1) not null, \`created_at\` datetime(3) not null, \`actual_result\` json null, \`outcome\` varchar(4) null, \`accuracy_score\` numeric(5,4) null, \`is_hit\` tinyint(1) null, \`log_loss\` double null, \`rps\` double null, \`brier\` double null, \`is_final\` tinyint(1) not null, \`settled_at\` datetime(3) null, \`result_version\` int null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`ai_predictions\` add index \`idx_model_time\` (\`model_id\`, \`created_at\`);`);
    this.addSql(`alter table \`ai_predictions\` add index \`idx_prediction_fixture\` (\`fixture_id\`, \`slot\`);`);
    this.addSql(`alter table \`ai_predictions\` add index \`idx_prediction_scored\` (\`model_id\`, \`is_final\`);`);
    this.addSql(`alter table \`ai_predictions\` add index \`idx_prediction_age\` (\`is_simulated\`, \`created_at\`);`);
    this.addSql(`alter table \`ai_predictions\` add unique \`uniq_prediction_slot\` (\`model_id\`, \`fixture_id\`, \`slot\`);`);

    this.addSql(`create table \`nlp_conversations\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint null, \`user_id\` bigint not null, \`conversation_id\` varchar(100) not null, \`message_type\` varchar(20) not null, \`message_content\` text not null, \`response_generated\` text null, \`entities_extracted\` text null, \`intent_recognized\` varchar(100) null, \`confidence_score\` numeric(5,4) null, \`timestamp\` datetime(3) not null, \`retention_until\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`nlp_conversations\` add index \`idx_conversation_time\` (\`conversation_id\`, \`timestamp\`);`);
    this.addSql(`alter table \`nlp_conversations\` add index \`idx_conversation_person\` (\`user_id\`, \`id\`);`);
    this.addSql(`alter table \`nlp_conversations\` add index \`idx_conversation_retention\` (\`retention_until\`, \`id\`);`);

    this.addSql(`create table \`events\` (\`id\` bigint not null auto_increment primary key, \`topic\` varchar(100) not null, \`seq\` bigint not null, \`type\` varchar(60) not null, \`payload\` json not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`events\` add unique \`events_topic_seq_unique\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` varchar(100) not null, \`epoch\` varchar(22) not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null, primary key (\`topic\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`guild_tenants\` (\`id\` bigint not null auto_increment primary key, \`guild_id\` bigint not null, \`tenant_id\` bigint not null, \`enterprise_features\` tinyint(1) not null default false, \`compliance_mode\` tinyint(1) not null default false, \`audit_logging\` tinyint(1) not null default false) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`guild_tenants\` add unique \`guild_tenants_guild_id_unique\` (\`guild_id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` bigint not null auto_increment primary key, \`caller\` varchar(30) not null, \`idempotency_key\` varchar(64) not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`inbox\` add unique \`inbox_caller_idempotency_key_unique\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` bigint not null auto_increment primary key, \`kind\` varchar(60) not null, \`payload\` json not null, \`status\` varchar(10) not null, \`run_at\` datetime(3) not null, \`lease_until\` datetime(3) null, \`lease_owner\` varchar(22) null, \`attempts\` int not null, \`max_attempts\` int not null, \`last_error\` varchar(100) null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` tinyint(1) not null, \`unique_key\` varchar(190) null, \`created_at\` datetime(3) not null, \`finished_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`jobs\` add unique \`jobs_unique_key_unique\` (\`unique_key\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_run_at_index\` (\`status\`, \`run_at\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_lease_until_index\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`match_results\` (\`id\` bigint not null auto_increment primary key, \`fixture_id\` bigint not null, \`competition\` varchar(64) not null, \`home\` varchar(64) not null, \`away\` varchar(64) not null, \`home_goals\` int null, \`away_goals\` int null, \`played_at\` datetime(3) not null, \`is_simulated\` tinyint(1) not null, \`is_rated\` tinyint(1) not null, \`result_version\` int not null, \`is_scoring_due\` tinyint(1) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`match_results\` add unique \`match_results_fixture_id_unique\` (\`fixture_id\`);`);
    this.addSql(`alter table \`match_results\` add index \`idx_result_rated\` (\`is_rated\`, \`played_at\`, \`id\`);`);
    this.addSql(`alter table \`match_results\` add index \`idx_result_change\` (\`is_rated\`, \`updated_at\`, \`id\`);`);
    this.addSql(`alter table \`match_results\` add index \`idx_result_unscored\` (\`is_scoring_due\`, \`id\`);`);
    this.addSql(`alter table \`match_results\` add index \`idx_result_age\` (\`is_simulated\`, \`updated_at\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` int unsigned not null, \`passed\` bigint not null, primary key (\`lane\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`outbox\` (\`id\` bigint not null auto_increment primary key, \`receiver\` varchar(30) not null, \`kind\` varchar(60) not null, \`aggregate\` varchar(100) not null, \`idempotency_key\` varchar(64) not null, \`payload\` text not null, \`at\` datetime(3) not null, \`sent_at\` datetime(3) null, \`attempts\` int not null, \`next_try_at\` datetime(3) not null, \`last_error\` varchar(100) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_id_index\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_next_try_at_index\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`alter table \`outbox\` add unique \`outbox_receiver_idempotency_key_unique\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`person_keys\` (\`person_id\` varchar(64) not null, \`key_version\` int not null, \`wrapped_key\` varchar(255) null, primary key (\`person_id\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`person_keys\` add index \`person_keys_key_version_person_id_index\` (\`key_version\`, \`person_id\`);`);
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
