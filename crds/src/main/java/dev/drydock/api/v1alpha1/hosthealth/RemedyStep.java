package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** One step of a remedy. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "[has(self.resetSwap), has(self.recordTop), has(self.recordLogs),"
            + " has(self.recordConfig), has(self.restart), has(self.restartHeaviest),"
            + " has(self.stop), has(self.hold), has(self.cleanDisk)].filter(x,"
            + " x).size() == 1",
    message =
        "a step does exactly one thing; set one of resetSwap, recordTop,"
            + " recordLogs, recordConfig, restart, restartHeaviest, stop, hold,"
            + " cleanDisk")
public record RemedyStep(
    @JsonPropertyDescription(
            "swapoff -a and swapon -a, only if available memory exceeds the swap in" + " use.")
        @Nullable Empty resetSwap,
    @JsonPropertyDescription("Records the heaviest processes.") @Nullable RecordTop recordTop,
    @JsonPropertyDescription("Records log lines.") @Nullable RecordLogs recordLogs,
    @JsonPropertyDescription("Records a process's configuration.") @Nullable Pm2Target recordConfig,
    @JsonPropertyDescription("Restarts services.") @Nullable RestartTarget restart,
    @JsonPropertyDescription("Restarts the process of the list that uses most memory.")
        @Nullable RestartHeaviest restartHeaviest,
    @JsonPropertyDescription("Stops a process.") @Nullable Pm2Target stop,
    @JsonPropertyDescription("Nothing more is done until a person acknowledges.")
        @Nullable Empty hold,
    @JsonPropertyDescription("Frees disk space.") @Nullable CleanDisk cleanDisk) {}
