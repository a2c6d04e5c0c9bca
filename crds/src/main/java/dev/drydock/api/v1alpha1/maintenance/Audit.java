package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.hosthealth.Postgresql;
import dev.drydock.api.v1alpha1.hosthealth.Redis;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Settings that are compared with what they should be. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "has(self.sysctl) || has(self.pm2) || has(self.urls) || has(self.postgresql) ||"
            + " has(self.redis)",
    message = "audit something: set sysctl, pm2, urls, postgresql or redis")
@ValidationRule(
    value = "!has(self.postgresql) || !has(self.postgresql.growthPercentPerDayAbove)",
    message =
        "an audit keeps no sizes to compare with: leave growthPercentPerDayAbove to a check of a"
            + " HostHealthPolicy")
public record Audit(
    @Size(min = 1, max = 50) @JsonPropertyDescription("Kernel parameters.")
        List<AuditSysctl> sysctl,
    @JsonPropertyDescription("How PM2 processes are configured.") @Nullable AuditPm2 pm2,
    @Size(min = 1, max = 50)
        @JsonPropertyDescription("URLs that must answer a GET from the pod with a status of 2xx.")
        List<@Size(max = 1024) @Pattern(Formats.HTTP_URL) String> urls,
    @JsonPropertyDescription("Limits of a PostgreSQL database.") @Nullable Postgresql postgresql,
    @JsonPropertyDescription("Limits of a Redis server.") @Nullable Redis redis) {

  public Audit {
    sysctl = sysctl == null ? List.of() : List.copyOf(sysctl);
    urls = urls == null ? List.of() : List.copyOf(urls);
  }

  /** A kernel parameter. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record AuditSysctl(
      @Required
          @Size(max = 256)
          @Pattern(Formats.PARAMETER)
          @JsonPropertyDescription("Its name, for example vm.swappiness.")
          String key,
      @Required
          @Size(min = 1, max = 256)
          @Pattern(Formats.ONE_LINE)
          @JsonPropertyDescription("Its value, as sysctl prints it.")
          String expect,
      @JsonPropertyDescription(
              "True: a value that differs is set, now and, once, in a file of sysctl.d. The Host"
                  + " must permit Update. Default false: it is only reported.")
          @Nullable Boolean fix) {}

  /** How PM2 processes are configured. */
  public record AuditPm2(
      @Required
          @ValidationRule(
              value = "self",
              message =
                  "requireMaxMemoryRestart: false demands nothing: set it to true, or leave pm2 out")
          @JsonPropertyDescription("True: every process must have max_memory_restart.")
          Boolean requireMaxMemoryRestart) {}
}
