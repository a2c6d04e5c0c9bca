package dev.drydock.crds;

import static java.util.Map.entry;

import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who breaks a pattern is shown a regular expression and nothing else. So each pattern stands a
 * second time in a rule of CEL, which says what to write instead.
 */
final class PatternRules {
  private static final Map<String, String> MESSAGES =
      Map.ofEntries(
          entry(
              Formats.DURATION,
              "write a number and a unit, ms, s, m, h or d, as in 90s, 1h30m or 30d"),
          entry(Formats.HOURS, "write a number and a unit, s, m or h, as in 90s or 1h30m"),
          entry(Formats.MINUTES, "write a number and a unit, s or m, as in 30s"),
          entry(Formats.DAYS, "write a number and a unit, m, h or d, as in 30m, 4h or 1d"),
          entry(
              Formats.NAME,
              "write small letters, digits and -, with a letter or digit first and last"),
          entry(
              Formats.SERVICE_NAME,
              "write small letters, digits and -, with a letter first and a letter or digit last"),
          entry(
              Formats.OBJECT_NAME,
              "write the object's name: small letters, digits, - and ., with a letter or digit"
                  + " first and last"),
          entry(Formats.DATA_KEY, "write a key of its data: letters, digits, -, _ and ."),
          entry(
              Formats.VARIABLE,
              "write letters, digits, _, . and -, with a letter or _ first, as in LOG_LEVEL"),
          entry(
              Formats.ADDRESS,
              "write a DNS name or an IP address and nothing else; a port, a user and options have"
                  + " no place here"),
          entry(
              Formats.USER,
              "write a user's name: small letters, digits, _, . and -, with a letter or _ first"),
          entry(
              Formats.ABSOLUTE_PATH,
              "write a path that begins with /, without a segment .. and without control"
                  + " characters"),
          entry(
              Formats.RELATIVE_PATH,
              "write a path that does not begin with /, without a segment .. and without control"
                  + " characters"),
          entry(Formats.PATH, "write a path without a segment .. and without control characters"),
          entry(
              Formats.HTTP_URL,
              "write http:// or https:// and a host, without blanks; user and password belong into"
                  + " a Secret"),
          entry(
              Formats.ENDPOINT,
              "write http:// or https:// and a host, without a path; keys belong into the Secret"),
          entry(Formats.URL_PATH, "write a path that begins with /, without host, blanks and #"),
          entry(
              Formats.REDIS_URL,
              "write redis:// or rediss://, a host, and, where they are not the default, port and"
                  + " database, as in redis://localhost:6379/0; the password belongs into a"
                  + " Secret"),
          entry(
              Formats.GIT_URL,
              "write https://, ssh:// or file://, host and path; credentials belong into"
                  + " secretName"),
          entry(
              Formats.GIT_REVISION,
              "write one commit, tag or branch: letters, digits, ., _, /, + and -, with a letter,"
                  + " digit or _ first"),
          entry(
              Formats.UNIT,
              "write a unit's name as systemd has it, as in nginx or ssh@1.service: no blanks, and"
                  + " no - first"),
          entry(
              Formats.PROCESS,
              "write a process's name as PM2 has it: letters, digits, blanks, _, ., @ and -, with"
                  + " no blank or - first"),
          entry(Formats.DECIMAL, "write a number without a sign, as in 4 or 1.5"),
          entry(Formats.NUMBER, "write a number, as in 4, 1.5 or -3"),
          entry(
              Formats.QUANTITY,
              "write a number and, if need be, one of k, M, G, T, P, Ki, Mi, Gi, Ti and Pi, as in"
                  + " 500Mi"),
          entry(Formats.TIME_ZONE, Formats.TIME_ZONE_EXISTS_MESSAGE),
          entry(
              Formats.HOST_KEY,
              "write type and key as ssh-keyscan prints them, without the host's name before:"
                  + " ssh-ed25519 AAAA..."),
          entry(
              Formats.DATE_TIME,
              "write date, time and offset, as in 2026-12-20T00:00:00Z or"
                  + " 2026-12-20T00:00:00+01:00"),
          entry(
              Formats.CRON,
              "write five fields with one blank between: minute 0-59, hour 0-23, day 1-31, month"
                  + " 1-12 or JAN-DEC, weekday 0-7, SUN-SAT or MON#1 to MON#5, as in \"30 2 * *"
                  + " SUN\"; or one of @hourly, @daily, @weekly, @monthly and @yearly"),
          entry(
              Formats.IMAGE,
              "write an image without blanks, as in registry.example.com/team/app:1.2"),
          entry(Formats.MAIL_ADDRESS, "write one address with its domain, as in ops@example.com"),
          entry(
              Formats.PARAMETER,
              "write the parameter's name as sysctl prints it, as in vm.swappiness"),
          entry(Formats.ONE_LINE, "write one line without control characters"),
          entry(Formats.NOT_BLANK, "write more than blanks"),
          entry(
              Formats.JSON_PATH,
              "write $ and the way from there, by names and numbers, as in $.items[0].state"),
          entry(Formats.SERVER, "write a host name and a port, as in example.com:443"),
          entry(
              Formats.BUCKET,
              "write small letters, digits, - and ., with a letter or digit first and last"),
          entry(
              Formats.PREFIX,
              "write names divided by /, each of letters, digits, ., _ and -, with no . first"),
          entry(Formats.REGION, "write small letters, digits and -, as in eu-central-1"),
          entry(
              Formats.TABLE,
              "write a table's name without its schema: letters, digits and _, with no digit"
                  + " first"),
          entry(
              Formats.FILE_NAME,
              "write a file's name without its directory: letters, digits, _, . and -, with a"
                  + " letter, digit or _ first"));

  /**
   * What one rule may cost at the most. The API server refuses a CRD with a rule of 10 million, or
   * of 100 million in all; it reckons with the longest of lists and the longest of texts.
   */
  private static final double MOST = 9e6;

  private PatternRules() {}

  /** Adds the rules to a schema and to all that is in it. */
  static void add(@Nullable JSONSchemaProps schema) {
    add(schema, 1);
  }

  private static void add(@Nullable JSONSchemaProps schema, double count) {
    if (schema == null) {
      return;
    }
    if (schema.getPattern() != null
        && "string".equals(schema.getType())
        && count * cost(schema) <= MOST) {
      List<ValidationRule> rules = new ArrayList<>();
      rules.add(rule(schema.getPattern()));
      if (schema.getXKubernetesValidations() != null) {
        rules.addAll(schema.getXKubernetesValidations());
      }
      schema.setXKubernetesValidations(rules);
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(property -> add(property, count));
    }
    if (schema.getItems() != null) {
      add(schema.getItems().getSchema(), count * schema.getMaxItems());
    }
  }

  /** As the API server reckons it: a character may have four bytes. */
  private static double cost(JSONSchemaProps schema) {
    return Math.ceil(schema.getMaxLength() * 4 * 0.1)
        * Math.ceil(schema.getPattern().length() / 4.0);
  }

  private static ValidationRule rule(String pattern) {
    String message = MESSAGES.get(pattern);
    if (message == null) {
      throw new IllegalStateException("what is to be said of " + pattern + "?");
    }
    return new ValidationRuleBuilder()
        .withRule("self.matches(r'" + pattern + "')")
        .withMessage(message)
        .build();
  }
}
