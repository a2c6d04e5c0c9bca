package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Brings a host's packages up to date. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SystemUpdate(
    @JsonPropertyDescription(
            "True: only packages of the distribution's security archive. Default false.")
        @Nullable Boolean securityOnly,
    @Default("true")
        @JsonPropertyDescription(
            "True: packages that nothing needs any more, and old package files, are removed"
                + " afterwards. Default true.")
        @Nullable Boolean autoremove,
    @Default("{\"policy\": \"IfRequired\", \"timeout\": \"10m\"}")
        @JsonPropertyDescription("Whether the host is rebooted afterwards. Default IfRequired.")
        @Nullable Reboot reboot,
    @JsonPropertyDescription(
            "What must be so afterwards, without a person's help. Services and PM2 processes that"
                + " ran before must run again, and no other unit may have failed, in any case.")
        @Nullable Verify verify) {

  /** Whether a host is rebooted. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "duration(self.timeout) >= duration('30s') && duration(self.timeout) <="
              + " duration('2h')",
      message = "reboot.timeout must be between 30s and 2h")
  public record Reboot(
      @Default("IfRequired")
          @JsonPropertyDescription(
              "Never; IfRequired: if the host says that an update needs it; Always. Default"
                  + " IfRequired.")
          @Nullable RebootPolicy policy,
      @Default("10m")
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "How long the host may take to come back with a new boot id; if the window closes"
                  + " before that, the reboot is left to the next one. Default 10m.")
          @Nullable String timeout) {}

  /** When a host is rebooted. */
  public enum RebootPolicy {
    Never,
    IfRequired,
    Always
  }
}
